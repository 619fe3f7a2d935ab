package outgoing

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
)

// Request is a request that is complete but for the Host and Content-Length fields.
type Request struct {
	Method string
	URL    *url.URL
	Header http.Header
	Body   []byte
}

// Raw returns the request as HTTP/1.1 (RFC 9112) has it, but with line feeds
// alone between the lines of the head.
func (r Request) Raw() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\n", r.Method, r.URL.RequestURI())
	fmt.Fprintf(&b, "Host: %s\n", r.URL.Host)
	r.each(func(name, value string) { fmt.Fprintf(&b, "%s: %s\n", name, value) })
	fmt.Fprintf(&b, "Content-Length: %d\n\n", len(r.Body))
	b.Write(r.Body)
	return b.Bytes()
}

// each calls do for every field, sorted by name.
func (r Request) each(do func(name, value string)) {
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		for _, value := range r.Header[name] {
			do(name, value)
		}
	}
}
