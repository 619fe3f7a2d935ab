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
// Keys returns ErrUnknownKey when there is no such key. It should cache, must honour ctx, must count
// its operations with public keys in r.Work, and must be safe for concurrent use. kid is the key id that the request names, or "".
type KeySource interface {
	Keys(ctx context.Context, kid string, r *Request) ([]crypto.PublicKey, error)
}

// KeyKeeper is a KeySource that is told which keys are in use: those that have verified a request.
// It is what a cache must not forget for the sake of names that were made up.
type KeyKeeper interface {
	KeySource
	Keep(kid string, r *Request)
}

var (
	// ErrUnknownKey says that a request names a key that its provider does not have.
	ErrUnknownKey = errors.New("unknown key")
	// ErrTooCostly says that a key cannot be found within MaxOperations.
	ErrTooCostly = errors.New("the key takes too much work to find")
)

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
	c := v.views.get(r)
	defer v.views.put(c)
	c.ended = ctx.Done()
	present, why := v.read(c)
	switch { // before anybody is asked
	case !present:
		return v.VerifyContext(ctx, r, Keys{}, now)
	case why != None:
		return reject(why)
	}
	kid := v.keyID(c)
	found, err := source.Keys(ctx, kid, r)
	if err != nil {
		if why := c.stop(); why != None {
			return reject(why)
		}
		return reject(sourceReason(err))
	}
	keys, err := v.PublicKeys(found...)
	if err != nil || keys.Len() == 0 {
		return reject(UnknownKey)
	}
	result := v.check(c, keys, now)
	if keeper, keeps := source.(KeyKeeper); keeps && result.Key >= 0 {
		keeper.Keep(kid, r)
	}
	return result
}

// sourceReason is what the error of a KeySource says about the request.
func sourceReason(err error) Reason {
	switch {
	case errors.Is(err, ErrUnknownKey):
		return UnknownKey
	case errors.Is(err, ErrTooCostly):
		return TooCostly
	default:
		return KeyUnavailable
	}
}

// keyID is the key id that a request names: where keysrc says, or in the header of a JWT.
func (v *Verifier) keyID(c *view) string {
	if v.source.kid != nil {
		return v.source.kid.Eval(c.req)
	}
	if v.algs[0].family != familyJWT || len(c.sigs) == 0 {
		return ""
	}
	token, ok := splitToken(c.sigs[0].text)
	if !ok {
		return ""
	}
	head, ok := c.readHead(token)
	if !ok {
		return ""
	}
	return head.keyID
}
