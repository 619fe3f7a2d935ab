package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/penstock/penstock/pkg/signature"
)

// fetching verifies with a scheme whose keys come from the provider.
type fetching struct {
	verifier *signature.Verifier
	source   signature.KeySource
}

// newFetching takes configured keys in place of fetched ones where there are
// any: then requests are verified offline.
func newFetching(compiled *signature.Verifier, o Options) (verifier, error) {
	kind, argument := compiled.KeySource()
	if kind != "apple" { // there a secret is a root, not a key
		if keys, err := compiled.Keys(o.Secrets...); err == nil && keys.Len() > 0 {
			return engine{verifier: compiled, keys: keys}, nil
		}
	}
	build, ok := keySources()[kind]
	if !ok {
		return nil, fmt.Errorf("keysrc: there is no %q", kind)
	}
	source, err := build(argument, o)
	if err != nil {
		return nil, err
	}
	return fetching{verifier: compiled, source: source}, nil
}

func (f fetching) Verify(ctx context.Context, r *signature.Request, now time.Time) signature.Result {
	return f.verifier.VerifyFrom(ctx, r, f.source, now)
}
