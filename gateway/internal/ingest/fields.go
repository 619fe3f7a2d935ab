package ingest

import "context"

// MaxFields is how many header field lines a request may have. Senders and the proxies on
// the way use a few dozen; thousands fit the limit of bytes, and each costs every step
// from here to the receiver.
const MaxFields = 256

// fields refuses requests with too many header field lines.
type fields struct{}

func (fields) Do(_ context.Context, r *Request) error {
	n := 0
	for _, values := range r.HTTP.Header {
		n += len(values)
	}
	if n > MaxFields {
		return because(KindHeadersTooLarge, "too-many-fields", nil)
	}
	return nil
}
