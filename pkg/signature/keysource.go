package signature

import (
	"context"
	"crypto"
	"errors"
	"strings"
	"time"
)

// KeySource finds the public keys that a request may be signed with: from a JWKS, a certificate
// that the request points to, a provider's API. Package provider has the implementations.
//
// Keys returns ErrUnknownKey when there is no such key. It should cache, must honour ctx, and must
// be safe for concurrent use. kid is the key id that the request names, or "".
type KeySource interface {
	Keys(ctx context.Context, kid string, r *Request) ([]crypto.PublicKey, error)
}

// ErrUnknownKey says that a request names a key that its provider does not have.
var ErrUnknownKey = errors.New("unknown key")

// keySource is a compiled Scheme.KeySrc.
type keySource struct {
	kind, argument string
	kid            *Expr
}

// newKeySource compiles "KIND:ARGUMENT kid=EXPRESSION".
func newKeySource(text string) (keySource, error) {
	if text == "" || text == "config" {
		return keySource{}, nil
	}
	where, kid, hasKid := strings.Cut(text, " kid=")
	kind, argument, _ := strings.Cut(where, ":")
	s := keySource{kind: kind, argument: argument}
	var err error
	if hasKid {
		s.kid, err = CompileExpr(Strings{kid})
	}
	return s, err
}

// KeySource returns the kind and the argument of Scheme.KeySrc. Both are empty when keys come from
// the configuration.
func (v *Verifier) KeySource() (kind, argument string) { return v.source.kind, v.source.argument }

// VerifyFrom is Verify with the keys that source finds for the request. The reason is
// [UnknownKey] or [KeyUnavailable] when it finds none.
func (v *Verifier) VerifyFrom(ctx context.Context, r *Request, source KeySource, now time.Time) Result {
	if !v.present(r) {
		return v.Verify(r, Keys{}, now) // before anybody is asked
	}
	found, err := source.Keys(ctx, v.keyID(r), r)
	if err != nil {
		if errors.Is(err, ErrUnknownKey) {
			return reject(UnknownKey)
		}
		return reject(KeyUnavailable)
	}
	keys, err := v.PublicKeys(found...)
	if err != nil || keys.Len() == 0 {
		return reject(UnknownKey)
	}
	return v.Verify(r, keys, now)
}

// keyID is the key id that a request names: where keysrc says, or in the header of a JWT.
func (v *Verifier) keyID(r *Request) string {
	if v.source.kid != nil {
		return v.source.kid.Eval(r)
	}
	if v.algs[0].family != familyJWT {
		return ""
	}
	c := v.views.get(r)
	defer v.views.put(c)
	if _, why := v.read(c); why != None || len(c.sigs) == 0 {
		return ""
	}
	return tokenKeyID(c.sigs[0].text)
}
