package ingest

import "context"

// size refuses a body that is declared to be too large, before any of it is read.
// The body stage holds those to the limit that declare nothing.
type size struct{}

func (size) Do(_ context.Context, r *Request) error {
	if r.HTTP.ContentLength > r.source.maxBody {
		return tooLarge(r.source.maxBody)
	}
	return nil
}
