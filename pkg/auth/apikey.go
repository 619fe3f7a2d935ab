package auth

import (
	"context"
	"net/http"
	"net/url"
)

type apiKey struct {
	header, query string
	ring          keyring
}

func newAPIKey(c *APIKey) *apiKey {
	return &apiKey{header: http.CanonicalHeaderKey(c.Header), query: c.Query, ring: newKeyring(c.Keys)}
}

func (a *apiKey) check(_ context.Context, r *http.Request) (string, Reason) {
	key, reason := only(a.presented(r))
	if reason != ReasonNone {
		return "", reason
	}
	return match(a.ring, key)
}

func (a *apiKey) presented(r *http.Request) []string {
	if a.header != "" {
		return r.Header[a.header]
	}
	// ParseQuery keeps what it could parse; the rest cannot hold a key.
	values, _ := url.ParseQuery(r.URL.RawQuery)
	return values[a.query]
}

// only returns the one value of a field. A credential that comes twice is
// refused: two readers could each believe another one of them.
func only(values []string) (string, Reason) {
	switch {
	case len(values) == 0 || len(values) == 1 && values[0] == "":
		return "", ReasonMissing
	case len(values) > 1:
		return "", ReasonAmbiguous
	default:
		return values[0], ReasonNone
	}
}

func match(ring keyring, secret string) (string, Reason) {
	name, found := ring.find(secret)
	if !found {
		return "", ReasonUnknown
	}
	return name, ReasonNone
}
