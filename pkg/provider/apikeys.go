package provider

import (
	"context"
	"crypto"
	"fmt"
	"regexp"

	"github.com/penstock/penstock/pkg/provider/internal/keys"
	"github.com/penstock/penstock/pkg/signature"
)

// apiKeys finds public keys by their ids in a provider's API.
type apiKeys struct {
	fetch func(ctx context.Context, kid string) (crypto.PublicKey, error)
	cache keys.Cache[crypto.PublicKey]
	kid   *regexp.Regexp
}

func newAPIKeys(fetch func(ctx context.Context, kid string) (crypto.PublicKey, error)) *apiKeys {
	return &apiKeys{fetch: fetch, kid: regexp.MustCompile(`\A[A-Za-z0-9_-]{1,128}\z`)}
}

// Keys asks the API for ids that look like one only: the id becomes a part of an
// address.
func (a *apiKeys) Keys(ctx context.Context, kid string, _ *signature.Request) ([]crypto.PublicKey, error) {
	if !a.kid.MatchString(kid) {
		return nil, signature.ErrUnknownKey
	}
	key, err := a.cache.Get(ctx, kid, func(ctx context.Context) (crypto.PublicKey, error) {
		key, err := a.fetch(ctx, kid)
		if err != nil {
			return nil, fmt.Errorf("fetch public key: %w", err)
		}
		return key, nil
	})
	if err != nil {
		return nil, known(err)
	}
	return []crypto.PublicKey{key}, nil
}

// Keep keeps the key, whatever is asked for besides.
func (a *apiKeys) Keep(kid string, _ *signature.Request) { a.cache.Keep(kid) }
