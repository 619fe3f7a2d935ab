package keys

import (
	"context"
	"crypto"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/penstock/penstock/pkg/publickey"
)

// Set is a provider's public keys by their ids. It is safe for concurrent use.
type Set struct {
	fetcher *Fetcher // nil: the keys are fixed
	address string
	cache   Cache[map[string]crypto.PublicKey]
	fixed   map[string]crypto.PublicKey
}

// NewSet returns the set that is published at the address. A nil clock means
// time.Now.
func NewSet(fetcher *Fetcher, address string, now func() time.Time) *Set {
	set := &Set{fetcher: fetcher, address: address}
	set.cache.Now = now
	return set
}

// ParseSet returns a fixed set out of JWKS documents. A key of a later document
// does not replace one of an earlier one with the same id.
func ParseSet(documents ...string) (*Set, error) {
	set := &Set{fixed: map[string]crypto.PublicKey{}}
	for _, document := range slices.Backward(documents) {
		known, err := parseSet([]byte(document))
		if err != nil {
			return nil, err
		}
		maps.Copy(set.fixed, known)
	}
	return set, nil
}

// Key returns the key of an id. An id that a cached set does not have makes it
// look again, at most once in Grudge: providers add keys before they use them.
func (s *Set) Key(ctx context.Context, kid string) (crypto.PublicKey, error) {
	if s.fetcher == nil {
		return find(s.fixed, kid)
	}
	known, err := s.cache.Get(ctx, s.address, s.fetch)
	if err != nil {
		return nil, err
	}
	key, err := find(known, kid)
	if err == nil {
		return key, nil
	}
	if known, err = s.cache.Refresh(ctx, s.address, s.fetch); err != nil {
		return nil, err
	}
	return find(known, kid)
}

// All returns every key, in no particular order.
func (s *Set) All(ctx context.Context) ([]crypto.PublicKey, error) {
	known, err := s.fixed, error(nil)
	if s.fetcher != nil {
		known, err = s.cache.Get(ctx, s.address, s.fetch)
	}
	return slices.Collect(maps.Values(known)), err
}

func (s *Set) fetch(ctx context.Context) (map[string]crypto.PublicKey, error) {
	document, err := s.fetcher.Get(ctx, s.address, nil)
	if err != nil {
		return nil, fmt.Errorf("fetch key set: %w", err)
	}
	known, err := parseSet(document)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return known, nil
}

func find(known map[string]crypto.PublicKey, kid string) (crypto.PublicKey, error) {
	if key, ok := known[kid]; ok {
		return key, nil
	}
	return nil, ErrUnknown
}

// parseSet reads a JWKS.
func parseSet(document []byte) (map[string]crypto.PublicKey, error) {
	keys, err := publickey.ParseJWKS(document)
	if err != nil {
		return nil, fmt.Errorf("parse key set: %w", err)
	}
	known := make(map[string]crypto.PublicKey, len(keys))
	for _, key := range keys {
		known[key.Marshal().KID] = key.Key()
	}
	return known, nil
}
