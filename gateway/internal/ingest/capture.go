package ingest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/event"
)

// capture keeps what travels of the request besides its body. The sender's
// credentials do not: they would rest in the broker.
func (s *Source) capture(r *Request) event.Request {
	return event.Request{
		Method:     r.HTTP.Method,
		Path:       r.HTTP.URL.EscapedPath(),
		Query:      s.withoutCredentials(r.HTTP.URL.RawQuery),
		RemoteAddr: r.Remote.String(),
		Header:     s.fields(r.HTTP),
	}
}

// fields returns the header's field lines. Those of one name keep their order;
// the names are sorted, because net/http does not keep the order between them.
// It moves Host out of the header, and here it comes back.
func (s *Source) fields(h *http.Request) []event.Field {
	lines := 1
	var room [32]string // no memory of its own for what nearly all requests have
	names := room[:0]
	for name, values := range h.Header {
		if !slices.Contains(s.credentialHeaders, name) {
			names = append(names, name)
			lines += len(values)
		}
	}
	names = append(names, "Host")
	slices.Sort(names)
	fields := make([]event.Field, 0, lines)
	for _, name := range names {
		if name == "Host" {
			fields = append(fields, event.Field{Name: name, Value: h.Host})
			continue
		}
		for _, value := range h.Header[name] {
			fields = append(fields, event.Field{Name: name, Value: value})
		}
	}
	return fields
}

// withoutCredentials cuts the source's credential parameters out of a query and
// leaves the rest as it was sent.
func (s *Source) withoutCredentials(query string) string {
	if query == "" || len(s.credentialQuery) == 0 {
		return query
	}
	parts := strings.Split(query, "&")
	parts = slices.DeleteFunc(parts, func(part string) bool {
		name, _, _ := strings.Cut(part, "=")
		name, err := url.QueryUnescape(name)
		return err != nil || slices.Contains(s.credentialQuery, name)
	})
	return strings.Join(parts, "&")
}
