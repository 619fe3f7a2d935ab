package provider

import (
	"context"
	"io"
	"time"

	"github.com/penstock/penstock/pkg/signature"
)

// canonical verifies a request after it was put into the form that its provider
// signs. The preset's scheme then speaks of that form: its body is what is signed.
type canonical struct {
	verifier
	rewrite rewriter
}

// rewriter returns the request as it is signed, and leaves r as it is. It returns
// nil when a part is missing.
type rewriter func(r *signature.Request) *signature.Request

func rewritten(rewrite rewriter) builder {
	return func(p *Preset, o Options) (verifier, error) {
		inner, err := newPlainVerifier(p, o)
		if err != nil {
			return nil, err
		}
		return canonical{verifier: inner, rewrite: rewrite}, nil
	}
}

func (c canonical) Verify(ctx context.Context, r *signature.Request, now time.Time) signature.Result {
	form := c.rewrite(r)
	if form == nil {
		return refuse(signature.MissingValue)
	}
	return c.verifier.Verify(ctx, form, now)
}

// withSigned is r with another form of the body that is signed, which write writes.
func withSigned(r *signature.Request, write func(io.Writer)) *signature.Request {
	form := *r
	form.Signed = write
	return &form
}

// withBody is r with another body.
func withBody(r *signature.Request, body []byte) *signature.Request {
	form := *r
	form.Body, form.JSON = body, nil
	return &form
}

// wrapped verifies the request as it is; the event is inside of something.
type wrapped struct {
	verifier
	open func(r *signature.Request) []byte
}

// opened makes the builder of a preset whose event is what open returns. Open
// returns the body itself when it cannot be opened.
func opened(open func(r *signature.Request, secrets []string) []byte) builder {
	return func(p *Preset, o Options) (verifier, error) {
		inner, err := newPlainVerifier(p, o)
		if err != nil {
			return nil, err
		}
		return wrapped{verifier: inner, open: func(r *signature.Request) []byte { return open(r, o.Secrets) }}, nil
	}
}

func (w wrapped) unwrap(r *signature.Request) []byte { return w.open(r) }
