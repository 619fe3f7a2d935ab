package adapter

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// tokenLeft is how long before its end a token is not used any more.
const tokenLeft = time.Minute

// grant signs requests with tokens that are given for a client id and a secret (RFC 6749,
// section 4.4). It is safe for concurrent use.
type grant struct {
	client     *client
	path       string // of the token endpoint
	id, secret string

	mu    sync.Mutex
	token string
	until time.Time
}

// sign adds a token, and asks for another one before it expires.
func (g *grant) sign(ctx context.Context, h http.Header) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.client.now().Before(g.until) {
		if err := g.renew(ctx); err != nil {
			return err
		}
	}
	h.Set("Authorization", "Bearer "+g.token)
	return nil
}

// forget has the next request ask for another token: this one is refused.
func (g *grant) forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.until = time.Time{}
}

// renew asks for a token. The caller holds mu.
func (g *grant) renew(ctx context.Context) error {
	form := url.Values{"grant_type": {"client_credentials"}}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, g.client.base.String()+g.path, strings.NewReader(form))
	if err != nil {
		return &Error{Trouble: Unreadable, Err: errors.New("the URL of the API cannot be read")}
	}
	req.SetBasicAuth(g.id, g.secret)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	g.client.calls.Add(1)
	resp, err := g.client.http.Do(req)
	if err != nil {
		return g.client.unanswered(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, mostToKeep))
	if err != nil {
		return g.client.unanswered(ctx, err)
	}
	if resp.StatusCode != http.StatusOK {
		e := troubleOf(&answer{Status: resp.StatusCode, Header: resp.Header}, g.client.facts.Quota, g.client.now())
		if e.Trouble == Gone { // 400 with invalid_client, as some answer
			e.Trouble = Unauthorized
		}
		return e
	}
	var given struct {
		Token   string `json:"access_token"`
		Expires int64  `json:"expires_in"` // seconds
	}
	if err := json.Unmarshal(body, &given); err != nil || given.Token == "" {
		return &Error{Trouble: Unreadable, Status: resp.StatusCode, Err: errors.New("the answer has no access token")}
	}
	g.token, g.until = given.Token, g.client.now().Add(time.Duration(given.Expires)*time.Second-tokenLeft)
	return nil
}
