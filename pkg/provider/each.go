package provider

import (
	"context"
	"encoding/json"
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
	for _, item := range e.furtherItems(r.Body) {
		alone, err := json.Marshal(map[string][]json.RawMessage{e.list: {item}})
		if err != nil {
			return refuse(signature.MissingValue)
		}
		if result := e.verifier.Verify(ctx, withBody(r, alone), now); !result.OK {
			return result
		}
	}
	return result
}

// furtherItems returns the items after the first.
func (e each) furtherItems(body []byte) []json.RawMessage {
	var object map[string]json.RawMessage
	var items []json.RawMessage
	if json.Unmarshal(body, &object) != nil || json.Unmarshal(object[e.list], &items) != nil || len(items) == 0 {
		return nil
	}
	return items[1:]
}
