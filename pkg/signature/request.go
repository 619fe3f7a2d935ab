package signature

import (
	"io"
	"net/http"
)

// Request is what the engine looks at. It is not changed by verifying; only [Verifier.Sign]
// writes to it. The zero value is an empty request.
type Request struct {
	// Method is the HTTP method.
	Method string
	// PublicURL is the URL that the provider was told, without a query. It comes from the
	// configuration, never from the Host header: whoever sends the request chooses that.
	PublicURL string
	// Path is the path as received, still escaped. It is used when PublicURL is empty.
	Path string
	// RawQuery is the query string as received, without the "?".
	RawQuery string
	// Header holds the header fields under their canonical names, as package net/http does.
	Header http.Header
	// Body is the body as received, before any content decoding.
	Body []byte
	// JSON is what the locations json and jsonraw look at. Nil: Body. See [Request.Read].
	JSON []byte
	// Signed writes what {body} stands for in a message, where the provider signs another form of the
	// body than Body. Nil: Body itself.
	Signed func(io.Writer)
	// Work counts what verifying the request takes. Nil: each verification begins anew.
	Work *Work
	// Config holds the source's settings for {cfg:NAME}.
	Config map[string]string
}

// document is the JSON document of the request.
func (r *Request) document() []byte {
	if r.JSON != nil {
		return r.JSON
	}
	return r.Body
}
