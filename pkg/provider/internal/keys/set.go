package keys

import (
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/MicahParks/jwkset"
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

// parseSet reads a JWKS. A key of a kind that is not known is passed over, as
// RFC 7517 section 5 asks; a symmetric one is as well.
func parseSet(document []byte) (map[string]crypto.PublicKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(document, &set); err != nil {
		return nil, errors.New("parse key set: it is no JSON object with keys")
	}
	known := make(map[string]crypto.PublicKey, len(set.Keys))
	for _, raw := range set.Keys {
		if kid, key, err := ParseKey(raw); err == nil {
			known[kid] = key
		}
	}
	if len(known) == 0 {
		return nil, errors.New("parse key set: there is no public key in it")
	}
	return known, nil
}

// ParseKey reads one public key in the form of a JWK. Of a private key it takes
// the public part.
func ParseKey(raw []byte) (kid string, key crypto.PublicKey, err error) {
	parsed, err := jwkset.NewJWKFromRawJSON(raw, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{SkipAll: true})
	if err != nil {
		return "", nil, fmt.Errorf("parse key: %w", err)
	}
	switch parsed.Marshal().KTY {
	case jwkset.KtyRSA, jwkset.KtyEC, jwkset.KtyOKP:
		return parsed.Marshal().KID, parsed.Key(), nil
	default:
		return "", nil, errors.New("parse key: it is no public key")
	}
}
