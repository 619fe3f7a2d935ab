package keys

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	// FetchTimeout bounds one fetch, connecting included.
	FetchTimeout = 5 * time.Second
	// MaxDocument is the largest document that is read, in bytes.
	MaxDocument = 1 << 20
)

var (
	// ErrUnavailable means that a key could not be fetched now: the request that
	// needs it can be neither accepted nor called forged.
	ErrUnavailable = errors.New("the key cannot be fetched now")
	// ErrUnknown means that the provider has no such key.
	ErrUnknown = errors.New("the provider has no such key")
	// ErrForbidden means that a request names an address that is not allowed.
	ErrForbidden = errors.New("the address is not allowed")
)

// Fetcher gets documents from a list of hosts. It is safe for concurrent use.
type Fetcher struct {
	client *http.Client
	allow  func(*url.URL) bool
}

// NewFetcher returns a fetcher for HTTPS addresses on the named hosts, on the
// default port. A nil client means one of its own.
func NewFetcher(client *http.Client, hosts ...string) *Fetcher {
	return NewFetcherFunc(client, func(u *url.URL) bool { return slices.Contains(hosts, u.Host) })
}

// NewFetcherFunc is NewFetcher with a rule instead of a list. The rule sees only
// HTTPS addresses without user information and fragment.
func NewFetcherFunc(client *http.Client, allow func(*url.URL) bool) *Fetcher {
	own := http.Client{}
	if client != nil {
		own = *client
	}
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	own.Timeout = FetchTimeout
	return &Fetcher{client: &own, allow: allow}
}

// Check reports, with ErrForbidden, an address that Get would not ask.
func (f *Fetcher) Check(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Fragment != "" || !f.allow(u) {
		return ErrForbidden // the address is not repeated: a request made it up
	}
	return nil
}

// Get returns the document at the address. The error is ErrForbidden,
// ErrUnknown for 404 and 410, and ErrUnavailable for all else.
func (f *Fetcher) Get(ctx context.Context, address string, header http.Header) ([]byte, error) {
	return f.do(ctx, http.MethodGet, address, header, nil)
}

// Post sends a small body and returns the answer, with the errors of Get.
func (f *Fetcher) Post(ctx context.Context, address string, header http.Header, body []byte) ([]byte, error) {
	return f.do(ctx, http.MethodPost, address, header, body)
}

func (f *Fetcher) do(ctx context.Context, method, address string, header http.Header, body []byte) ([]byte, error) {
	if err := f.Check(address); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, FetchTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, ErrForbidden
	}
	if header != nil {
		request.Header = header
	}
	response, err := f.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, withoutURL(err))
	}
	defer func() { _ = response.Body.Close() }()
	return readDocument(response)
}

func readDocument(response *http.Response) ([]byte, error) {
	switch response.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound, http.StatusGone:
		return nil, ErrUnknown
	default:
		return nil, fmt.Errorf("%w: status %d", ErrUnavailable, response.StatusCode)
	}
	document, err := io.ReadAll(io.LimitReader(response.Body, MaxDocument+1))
	if err != nil {
		return nil, fmt.Errorf("%w: read: %w", ErrUnavailable, err)
	}
	if len(document) > MaxDocument {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrUnavailable, MaxDocument)
	}
	return document, nil
}

// withoutURL drops the address from the error: its query may hold a token.
func withoutURL(err error) error {
	if wrapper, ok := errors.AsType[*url.Error](err); ok {
		return wrapper.Err
	}
	return err
}

// HostMatches reports whether host is the domain or a subdomain of it.
func HostMatches(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain)
}
