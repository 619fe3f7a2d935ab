package provider

import (
	"context"
	"errors"
	"time"

	"github.com/penstock/penstock/pkg/signature"
)

// each verifies every item of a list, where providers sign or mark them one by
// one. The preset's scheme speaks of the first item.
type each struct {
	verifier
	list string
}

func newEach(p *Preset, o Options) (verifier, error) {
	inner, err := newPlainVerifier(p, o)
	if err != nil {
		return nil, err
	}
	if p.Params["list"] == "" {
		return nil, errors.New("params.list: is missing")
	}
	return each{verifier: inner, list: p.Params["list"]}, nil
}

// Verify looks at the request as it is first: what is ambiguous in it is refused
// there.
func (e each) Verify(ctx context.Context, r *signature.Request, now time.Time) signature.Result {
	result := e.verifier.Verify(ctx, r, now)
	if !result.OK {
		return result
	}
	alone, first, prefix := *r, true, `{"`+e.list+`":[`
	var body []byte
	for item := range signature.Items(r.Body, e.list) {
		if first {
			first = false
			continue
		}
		body = append(append(append(body[:0], prefix...), item...), "]}"...)
		alone.Body = body
		if result := e.verifier.Verify(ctx, &alone, now); !result.OK {
			return result
		}
	}
	return result
}
