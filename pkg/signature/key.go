package signature

import (
	"crypto"
	"crypto/hmac"
	"errors"
	"fmt"
	"hash"
	"sync"
)

// Keys are a source's decoded secrets, in order, for one [Verifier]. The zero value holds none.
// They print as nothing: no key gets into a log by accident.
type Keys struct {
	keys []*key
	alts []Keys
}

// Len returns how many secrets there are.
func (k Keys) Len() int { return len(k.keys) }

// String hides the keys.
func (k Keys) String() string { return fmt.Sprintf("%d keys [redacted]", len(k.keys)) }

// GoString hides the keys.
func (k Keys) GoString() string { return k.String() }

// key is one decoded secret.
type key struct {
	index  int
	raw    []byte           // symmetric
	public crypto.PublicKey // asymmetric
	macs   []*macPool       // one for each algorithm of the verifier that is an HMAC
}

// Keys decodes secrets as the scheme says. An empty secret is an error, and so is one that does
// not decode. The error names the secret by its position and never quotes it.
//
// With alternates a secret must suit at least one of the schemes.
func (v *Verifier) Keys(secrets ...string) (Keys, error) {
	all := Keys{alts: make([]Keys, len(v.alts))}
	var errs []error
	for i, secret := range secrets {
		k, err := v.key(i, secret)
		suits := err == nil
		if suits {
			all.keys = append(all.keys, k)
		}
		for j, alt := range v.alts {
			if other, altErr := alt.key(i, secret); altErr == nil {
				all.alts[j].keys = append(all.alts[j].keys, other)
				suits = true
			}
		}
		if !suits {
			errs = append(errs, fmt.Errorf("secret %d: %w", i+1, err))
		}
	}
	if len(secrets) == 0 && v.NeedsSecret() {
		errs = append(errs, errors.New("a secret is needed"))
	}
	return all, errors.Join(errs...)
}

// PublicKeys makes Keys of keys that a [KeySource] found, for a scheme with a public-key algorithm.
// A key of the wrong kind is an error.
func (v *Verifier) PublicKeys(keys ...crypto.PublicKey) (Keys, error) {
	var all Keys
	for i, public := range keys {
		if err := v.fits(public); err != nil {
			return Keys{}, fmt.Errorf("key %d: %w", i+1, err)
		}
		all.keys = append(all.keys, &key{index: i, public: public})
	}
	return all, nil
}

func (v *Verifier) key(index int, secret string) (*key, error) {
	if secret == "" {
		return nil, errors.New("is empty")
	}
	k := &key{index: index}
	if v.publicKeys {
		public, err := decodePublicKey(v.keyKind, secret)
		if err != nil {
			return nil, err
		}
		k.public = public
		return k, v.fits(public)
	}
	raw, err := DecodeKey(v.keyKind, secret)
	if err != nil {
		return nil, err
	}
	k.raw = raw
	for _, a := range v.algs {
		k.macs = append(k.macs, newMACPool(a, raw))
	}
	return k, nil
}

// macPool recycles HMAC states of one key: setting one up costs two blocks of hashing and most of
// the allocations of a verification.
type macPool struct{ pool sync.Pool }

// mac is a recycled HMAC and room for its result.
type mac struct {
	hash.Hash

	sum [64]byte
}

func newMACPool(a algorithm, raw []byte) *macPool {
	if a.family != familyHMAC {
		return nil
	}
	return &macPool{pool: sync.Pool{New: func() any { return &mac{Hash: hmac.New(a.hash.New, raw)} }}}
}

func (p *macPool) get() *mac {
	m, _ := p.pool.Get().(*mac)
	m.Reset()
	return m
}

func (p *macPool) put(m *mac) { p.pool.Put(m) }
