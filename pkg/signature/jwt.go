package signature

import (
	"crypto"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// tokenRules are what a JWT (RFC 7519) must fulfil.
type tokenRules struct {
	algs   []string
	leeway time.Duration
	claims map[string]string
	binds  []boundClaim
}

// tokenAlgorithms checks Scheme.Algs. One token scheme has either secrets or public keys, so that
// a public key is never taken for a secret.
func (v *Verifier) tokenAlgorithms(s *Scheme, p problems) {
	if len(s.Algs) == 0 {
		p.addf("algs", "is missing")
	}
	secret := 0
	for _, name := range s.Algs {
		switch {
		case jwt.GetSigningMethod(name) == nil || name == algNone:
			p.addf("algs", "%q is no JWS algorithm", name)
		case strings.HasPrefix(name, "HS"):
			secret++
		}
	}
	v.publicKeys = secret == 0 && len(s.Algs) > 0
	if secret > 0 && secret < len(s.Algs) {
		p.addf("algs", "mixes algorithms with secrets and algorithms with public keys")
	}
}

// accepts reports whether the scheme takes public keys of the family.
func (v *Verifier) accepts(f family) bool {
	if v.algs[0].family != familyJWT {
		return v.algs[0].family == f
	}
	prefix := map[family]string{familyRSA: "RS", familyPSS: "PS", familyECDSA: "ES", familyEd25519: "EdDSA"}[f]
	return slices.ContainsFunc(v.scheme.Algs, func(name string) bool { return strings.HasPrefix(name, prefix) })
}

func (c *compiler) tokenRules(s *Scheme, p problems) *tokenRules {
	if s.Leeway < 0 || s.Leeway > DefaultTolerance {
		p.addf("leeway", "%d is not between 0 and %d seconds", s.Leeway, DefaultTolerance)
	}
	t := &tokenRules{algs: s.Algs, leeway: time.Duration(s.Leeway) * time.Second, claims: s.Claims}
	for i, b := range s.Bind {
		t.binds = append(t.binds, c.bind(b, fmt.Sprintf("bind[%d].", i), p))
	}
	return t
}

// match checks every token of the group with every key.
func (t *tokenRules) match(c *view, k Keys, group int, now time.Time) Result {
	best := reject(Mismatch)
	for _, s := range c.sigs {
		if s.group != group {
			continue
		}
		for _, key := range k.keys {
			why := t.check(c, s.text, key, now)
			if why == None {
				return Result{OK: true, Key: key.index}
			}
			if why != Mismatch {
				best = reject(why)
			}
		}
	}
	return best
}

func (t *tokenRules) check(c *view, text string, k *key, now time.Time) Reason {
	parser := jwt.NewParser(
		jwt.WithValidMethods(t.algs), jwt.WithLeeway(t.leeway), jwt.WithTimeFunc(func() time.Time { return now }),
		jwt.WithIssuedAt(), jwt.WithJSONNumber(),
	)
	claims := jwt.MapClaims{}
	token, err := parser.ParseWithClaims(text, claims, func(*jwt.Token) (any, error) { return k.verification(), nil })
	if err != nil {
		return t.reason(token, err)
	}
	if _, extended := token.Header["crit"]; extended {
		return BadToken // RFC 7515: to be refused by who does not know the extension
	}
	for name, want := range t.claims {
		if !claimIs(claims, name, want) {
			return BadToken
		}
	}
	for i := range t.binds {
		if why := t.binds[i].check(c, claims); why != None {
			return why
		}
	}
	return None
}

// verification is the key as the token library wants it.
func (k *key) verification() crypto.PublicKey {
	if k.public != nil {
		return k.public
	}
	return k.raw
}

func (t *tokenRules) reason(token *jwt.Token, err error) Reason {
	switch {
	case errors.Is(err, jwt.ErrTokenMalformed):
		return MalformedSignature
	case token != nil && token.Method != nil && !slices.Contains(t.algs, token.Method.Alg()):
		return UnsupportedAlgorithm
	case errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return Mismatch
	case errors.Is(err, jwt.ErrTokenExpired), errors.Is(err, jwt.ErrTokenNotValidYet), errors.Is(err, jwt.ErrTokenUsedBeforeIssued):
		return Expired
	}
	return BadToken
}

// claimIs compares a claim's text. The audience may be one of several.
func claimIs(claims jwt.MapClaims, name, want string) bool {
	if name == "aud" {
		audience, err := claims.GetAudience()
		return err == nil && slices.Contains(audience, want)
	}
	got, ok := claimAt(claims, name)
	return ok && got == want
}

// tokenKeyID reads the kid of a token's header, which nothing has verified yet.
func tokenKeyID(text string) string {
	token, _, err := jwt.NewParser().ParseUnverified(text, jwt.MapClaims{})
	if err != nil {
		return ""
	}
	kid, _ := token.Header["kid"].(string)
	return kid
}
