package ingest

import (
	"net/http"
	"slices"

	"github.com/penstock/penstock/pkg/credential"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/header"
)

// capture keeps what travels of the request besides its body. The sender's
// credentials do not: the broker would hold them.
func capture(r *Request, credentials credential.Places) event.Request {
	return event.Request{
		Method:     r.HTTP.Method,
		Path:       r.HTTP.URL.EscapedPath(),
		Query:      credentials.StripQuery(r.HTTP.URL.RawQuery),
		RemoteAddr: r.Remote.String(),
		Header:     fieldsOf(r.HTTP, credentials),
	}
}

// fieldsOf returns the header's field lines. Those of one name keep their order;
// the names are sorted, because net/http does not keep the order between them.
// It moves Host out of the header, and here it comes back. A field that a receiver
// would take for another one does not travel.
func fieldsOf(h *http.Request, credentials credential.Places) []event.Field {
	lines := 1
	var room [32]string // no memory of its own for what nearly all requests have
	names := room[:0]
	for name, values := range h.Header {
		if !credentials.HasHeader(name) && !header.Disguised(name, h.Header) {
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
