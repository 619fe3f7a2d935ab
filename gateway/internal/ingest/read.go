package ingest

import (
	"context"

	"github.com/penstock/penstock/pkg/content"
	"github.com/penstock/penstock/pkg/event"
)

// read reads what the body of a verified request holds, for all that looks into it: without
// its content coding, and in UTF-8. The event keeps the body as it was sent. A body that
// cannot be read is one without an id and a type of its own.
type read struct{ budget *Budget }

// readShare is the part of the byte budget that one decoded body may take.
const readShare = 4

func (s read) Do(_ context.Context, r *Request) error {
	r.read = &r.signed
	if r.source.provider == nil || r.signed.Plain() {
		return nil
	}
	limit := min(event.MaxBody, s.budget.limit/readShare)
	size, err := content.DecodedSize(r.HTTP.Header.Get("Content-Encoding"), r.body, limit)
	if err != nil {
		return nil //nolint:nilerr // the signature is good: the event is accepted as it is
	}
	if !body(s).hold(r, r.held+2*size) { // its text may take as much again
		return overloaded("byte-budget")
	}
	r.read = r.signed.Read(limit)
	return nil
}
