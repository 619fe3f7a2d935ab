package ingest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/signature"
)

// body reads the body as it is on the wire. It takes from the byte budget as the
// body arrives, not as it is declared, so that a sender who declares much and
// sends nothing holds little.
type body struct{ budget *Budget }

func (b body) Do(_ context.Context, r *Request) error {
	if err := b.read(r); err != nil {
		return err
	}
	r.signed = signature.Request{
		Method:   r.HTTP.Method,
		Path:     r.HTTP.URL.EscapedPath(),
		RawQuery: r.HTTP.URL.RawQuery,
		Header:   r.HTTP.Header,
		Body:     r.body,
		Work:     &r.work,
	}
	return nil
}

func (b body) read(r *Request) error {
	if r.HTTP.Body == nil || r.HTTP.Body == http.NoBody {
		return nil
	}
	// Room for one byte more than may come tells a body that ends at the limit
	// from one that goes on.
	most := r.source.maxBody + 1
	if n := r.HTTP.ContentLength; n >= 0 {
		most = n + 1
	}
	for {
		if len(r.body) == cap(r.body) && !b.grow(r, most) {
			return overloaded("byte-budget")
		}
		n, err := r.HTTP.Body.Read(r.body[len(r.body):cap(r.body)])
		r.body = r.body[:len(r.body)+n]
		switch {
		case int64(len(r.body)) > r.source.maxBody:
			return tooLarge(r.source.maxBody)
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return brokenBody(err)
		}
	}
}

// grow makes room for more, at most for most bytes in all. It reports whether
// the byte budget allowed it.
func (b body) grow(r *Request, most int64) bool {
	if r.body == nil {
		if !b.hold(r, pooledBytes) {
			return false
		}
		r.borrow()
		return true
	}
	size := min(4*int64(cap(r.body)), most)
	if !b.hold(r, size) {
		return false
	}
	bigger := make([]byte, len(r.body), size)
	copy(bigger, r.body)
	r.recycle()
	r.body = bigger
	return true
}

// hold raises what r holds of the budget to that of a body of n bytes: those above
// event.CompressAbove are held twice, as they came and as they travel.
func (b body) hold(r *Request, n int64) bool {
	if r.holder == nil {
		r.holder = b.budget.Share(r.source.name)
	}
	if n > event.CompressAbove {
		n *= 2
	}
	if !r.holder.Take(n - r.held) {
		return false
	}
	r.held = n
	return true
}

// brokenBody explains why a body could not be read. The server's own errors for
// broken chunking have no type; what is neither late nor cut off is one of them.
func brokenBody(err error) *Refusal {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return because(KindTimeout, "body-timeout", err)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return because(KindMalformed, "body-incomplete", err)
	default:
		return because(KindMalformed, "body-malformed", err)
	}
}
