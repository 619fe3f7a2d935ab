package signature

import (
	"bytes"

	"github.com/penstock/penstock/pkg/content"
)

// Plain reports whether the body reads as it was received: then Read returns the request itself.
// It looks at a few bytes and two header fields.
func (r *Request) Plain() bool {
	contentType := r.Header.Get("Content-Type")
	return !content.Coded(r.Header.Get("Content-Encoding")) && content.Plain(contentType, r.Body) &&
		(!content.IsForm(contentType) || !bytes.Contains(r.Body, []byte("payload")))
}

// Read returns the request as its body reads: without its content coding, in UTF-8, and with
// the JSON that a form carries in its field "payload" in JSON. It is for expressions; what is
// verified is the request as it was received. It returns r itself where that is no different,
// and where the body cannot be read or has more than limit bytes once it is decoded.
func (r *Request) Read(limit int64) *Request {
	if r.Plain() {
		return r
	}
	decoded, err := content.Decode(r.Header.Get("Content-Encoding"), r.Body, limit)
	if err != nil {
		return r
	}
	read, contentType := *r, r.Header.Get("Content-Type")
	read.Body = decoded
	if text, ok := content.Text(contentType, decoded); ok {
		read.Body = text
	}
	if fields, isForm, err := content.Form(contentType, read.Body); isForm && err == nil {
		if payload, ok := content.Payload(fields); ok {
			read.JSON = []byte(payload)
		}
	}
	return &read
}
