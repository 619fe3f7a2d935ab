package provider

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"net/url"

	"github.com/penstock/penstock/pkg/provider/internal/keys"
	"github.com/penstock/penstock/pkg/signature"
)

// jwks finds keys in a key set. A request that names no key may use any of them.
type jwks struct{ set *keys.Set }

// newJWKS reads the set from the address in the preset, or takes the secrets for
// sets, where there are any.
func newJWKS(address string, o Options) (signature.KeySource, error) {
	if len(o.Secrets) > 0 {
		set, err := keys.ParseSet(o.Secrets...)
		if err != nil {
			return nil, fmt.Errorf("secrets: %w", err)
		}
		return jwks{set}, nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("keysrc: %q is no HTTPS address", address)
	}
	return jwks{keys.NewSet(keys.NewFetcher(o.HTTP, u.Host), address, nil)}, nil
}

func (j jwks) Keys(ctx context.Context, kid string, _ *signature.Request) ([]crypto.PublicKey, error) {
	if kid == "" {
		all, err := j.set.All(ctx)
		return all, known(err)
	}
	key, err := j.set.Key(ctx, kid)
	if err != nil {
		return nil, known(err)
	}
	return []crypto.PublicKey{key}, nil
}

// known turns the errors of package keys into those of package signature.
func known(err error) error {
	if errors.Is(err, keys.ErrUnknown) || errors.Is(err, keys.ErrForbidden) {
		return fmt.Errorf("%w: %w", signature.ErrUnknownKey, err)
	}
	return err
}
