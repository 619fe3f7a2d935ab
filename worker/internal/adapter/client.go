package adapter

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/penstock/penstock/pkg/account"
	"github.com/penstock/penstock/pkg/buildinfo"
	"github.com/penstock/penstock/pkg/config"
)

// The bounds of one request: how long it may take, and how much an answer may hold.
const (
	callTime = 30 * time.Second
	mostBody = 64 << 20
)

// client makes the requests of one account. The credentials go to the API's own host only:
// a redirection is an error.
type client struct {
	base  *url.URL
	http  *http.Client
	sign  func(ctx context.Context, h http.Header) error // adds the credentials
	spurn func()                                         // forgets a token that is refused; nil: there is none to forget
	facts *account.Facts
	now   func() time.Time
	calls atomic.Int64
	quota quota
	known unchanged
}

// answer is what the API answered to a request.
type answer struct {
	Status int
	Header http.Header
	Body   []byte
	Now    time.Time // by the provider's clock; zero: not said
}

func newClient(a *config.Account, transport http.RoundTripper, now func() time.Time) (*client, error) {
	address := a.URL
	if address == "" {
		address = a.Facts().API
	}
	base, err := url.Parse(strings.TrimSuffix(address, "/"))
	if err != nil {
		return nil, errors.New("the URL of the API cannot be read")
	}
	return &client{
		base:  base,
		http:  &http.Client{Transport: transport, Timeout: callTime, CheckRedirect: stay},
		facts: a.Facts(),
		now:   now,
	}, nil
}

func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// get asks for JSON and reads it into a value.
func (c *client) get(ctx context.Context, path string, query url.Values, into any) (*answer, error) {
	a, err := c.do(ctx, http.MethodGet, path, query, nil)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(a.Body, into); err != nil {
		return nil, &Error{Trouble: Unreadable, Status: a.Status, Err: errors.New("the answer is no JSON of the expected form")}
	}
	return a, nil
}

// do makes a request, with a body of JSON unless it is nil. Any status but 2xx is an *Error.
func (c *client) do(ctx context.Context, method, path string, query url.Values, body any) (*answer, error) {
	if until, left := c.quota.left(c.now()); !left {
		return nil, &Error{Trouble: Limited, Until: until}
	}
	req, err := c.request(ctx, method, path, query, body)
	if err != nil {
		return nil, err
	}
	key := c.known.ask(req)
	c.calls.Add(1)
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.unanswered(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(resp.Body, mostBody+1))
	if err != nil {
		return nil, c.unanswered(ctx, err)
	}
	if len(data) > mostBody {
		return nil, &Error{Trouble: Unreadable, Status: resp.StatusCode, Err: errors.New("the answer is too large")}
	}
	a := &answer{Status: resp.StatusCode, Header: resp.Header, Body: data, Now: clockOf(resp.Header)}
	c.quota.note(c.facts.Quota, resp.Header)
	if a.Status == http.StatusUnauthorized && c.spurn != nil {
		c.spurn()
	}
	if a = c.known.answer(key, a); a.Status < 200 || a.Status > 299 {
		return nil, troubleOf(a, c.facts.Quota, c.now())
	}
	return a, nil
}

func (c *client) request(ctx context.Context, method, path string, query url.Values, body any) (*http.Request, error) {
	target := c.base.String() + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("encode a request: %w", err)
		}
		content = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, target, content)
	if err != nil {
		return nil, &Error{Trouble: Unreadable, Err: errors.New("the URL of the API cannot be read")}
	}
	req.Header.Set("User-Agent", "Penstock/"+buildinfo.Version())
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, c.sign(ctx, req.Header)
}

// unanswered explains a request that got no answer. The error of net/http quotes the URL, which
// has no secret, and leads nowhere for its reader; its cause does.
func (c *client) unanswered(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if cause, ok := errors.AsType[*url.Error](err); ok {
		err = cause.Err
	}
	return &Error{Trouble: Unreachable, Err: err}
}

// Usage returns how much the API was used.
func (c *client) Usage() Usage {
	u := c.quota.read()
	u.Calls = c.calls.Load()
	return u
}

// clockOf returns the time of an answer by its sender's clock.
func clockOf(h http.Header) time.Time {
	at, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}

// bearer adds a token that does not change.
func bearer(token string) func(context.Context, http.Header) error {
	return func(_ context.Context, h http.Header) error {
		h.Set("Authorization", "Bearer "+token)
		return nil
	}
}
