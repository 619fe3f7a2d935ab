package signature

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
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
	wanted []string // the claims that are looked at
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
	t.wanted = t.names()
	return t
}

// names lists the claims that are looked at. One with a dot in its name may also be inside of
// another.
func (t *tokenRules) names() []string {
	names := []string{"exp", "nbf", "iat"}
	for name := range t.claims {
		names = append(names, name)
	}
	for i := range t.binds {
		names = append(names, t.binds[i].claim)
	}
	for _, name := range names {
		if outer, _, dotted := strings.Cut(name, "."); dotted {
			names = append(names, outer)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// match checks every token of the group with every key.
func (t *tokenRules) match(c *view, k Keys, group int, now time.Time) Result {
	best := reject(Mismatch)
	for _, s := range c.sigs {
		if s.group != group {
			continue
		}
		r := t.check(c, s.text, k, now)
		if r.OK || r.Reason.ends() {
			return r
		}
		if r.Reason != Mismatch {
			best = r
		}
	}
	return best
}

// check looks at the claims of a token only once one of the keys has proven to be its own.
func (t *tokenRules) check(c *view, text string, k Keys, now time.Time) Result {
	signed, why := t.read(c, text)
	if why != None {
		return reject(why)
	}
	for _, key := range k.keys {
		fits, why := signed.fitsKey(c, key)
		if why != None {
			return reject(why)
		}
		if !fits {
			continue
		}
		if why := t.judge(c, signed.payload, now); why != None {
			return reject(why)
		}
		return Result{OK: true, Key: key.index}
	}
	return reject(Mismatch)
}

// read takes a token apart.
func (t *tokenRules) read(c *view, text string) (signed signedToken, why Reason) {
	token, ok := splitToken(text)
	if !ok {
		return signed, MalformedSignature
	}
	head, ok := c.readHead(token)
	if !ok {
		return signed, MalformedSignature
	}
	alg, known := tokenAlgorithm(head.alg)
	switch {
	case !known || !slices.Contains(t.algs, head.alg):
		return signed, UnsupportedAlgorithm
	case head.extended:
		return signed, BadToken // RFC 7515: to be refused by who does not know the extension
	}
	if signed, ok = c.prepare(token, alg); !ok {
		return signed, MalformedSignature
	}
	return signed, None
}

// judge checks the claims of an authentic token.
func (t *tokenRules) judge(c *view, payload string, now time.Time) Reason {
	claims, ok := t.readClaims(payload)
	if !ok {
		return MalformedSignature
	}
	times := jwt.NewValidator(jwt.WithLeeway(t.leeway), jwt.WithTimeFunc(func() time.Time { return now }), jwt.WithIssuedAt())
	if err := times.Validate(claims); err != nil {
		return timeReason(err)
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

func timeReason(err error) Reason {
	if errors.Is(err, jwt.ErrTokenExpired) || errors.Is(err, jwt.ErrTokenNotValidYet) || errors.Is(err, jwt.ErrTokenUsedBeforeIssued) {
		return Expired
	}
	return BadToken
}

// readClaims reads the claims that are looked at. The others stay as they are written.
func (t *tokenRules) readClaims(payload string) (jwt.MapClaims, bool) {
	data, err := base64.RawURLEncoding.DecodeString(payload)
	var all map[string]json.RawMessage
	if err != nil || json.Unmarshal(data, &all) != nil {
		return nil, false
	}
	claims := make(jwt.MapClaims, len(t.wanted))
	for _, name := range t.wanted {
		text, there := all[name]
		if !there {
			continue
		}
		var value any
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		if decoder.Decode(&value) != nil {
			return nil, false
		}
		claims[name] = value
	}
	return claims, true
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
