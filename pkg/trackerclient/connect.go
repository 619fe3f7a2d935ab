package trackerclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// basePath is where a tracker's API stands.
const basePath = "/api/v1"

// Connect makes a client for the tracker at an address, such as http://127.0.0.1:8090,
// with a token, which may be empty where the API is open. It asks nothing yet. It fails
// when the address is not an http or https URL.
func Connect(address, token string, options ...ClientOption) (*ClientWithResponses, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, errors.New("the tracker's address is not a URL such as http://127.0.0.1:8090")
	}
	server := strings.TrimSuffix(strings.TrimSuffix(u.String(), "/"), basePath) + basePath
	identify := WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		return nil
	})
	client, err := NewClientWithResponses(server, append(options, identify)...)
	if err != nil {
		return nil, fmt.Errorf("make a client of the tracker: %w", err)
	}
	return client, nil
}

// Error is an answer that was not the expected one.
type Error struct {
	Status int    // of HTTP
	Kind   string // the last part of the problem's type, such as not-found; empty when it was no problem of the API
	Title  string
	Detail string // what to do about it; may be empty
}

func (e *Error) Error() string {
	text := fmt.Sprintf("the tracker answered %d", e.Status)
	if e.Title != "" {
		text += ": " + e.Title
	}
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

// Check returns nil for an answer of 2xx, and otherwise an *Error that says what the
// problem says. p may be nil.
func Check(r *http.Response, p *Problem) error {
	if r.StatusCode/100 == 2 {
		return nil
	}
	if p == nil {
		return &Error{Status: r.StatusCode, Title: http.StatusText(r.StatusCode)}
	}
	e := &Error{Status: r.StatusCode, Kind: p.Type[strings.LastIndexByte(p.Type, '#')+1:], Title: p.Title}
	if p.Detail != nil {
		e.Detail = *p.Detail
	}
	return e
}
