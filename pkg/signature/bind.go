package signature

import (
	"crypto/subtle"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// boundClaim is a compiled Bind.
type boundClaim struct {
	claim           string
	over            template
	hash            algorithm
	encoding        *encoding
	optional        bool
	optionalIfEmpty bool
}

func (c *compiler) bind(b Bind, field string, p problems) boundClaim {
	out := boundClaim{claim: b.Claim, optional: b.Optional, optionalIfEmpty: b.OptionalIfEmpty}
	if b.Claim == "" {
		p.addf(field+"claim", "is missing")
	}
	over, hash, enc := orDefault(b.Over, "{body}"), orDefault(b.Hash, "sha256"), orDefault(b.Enc, "hex")
	var err error
	out.over, err = c.template(over)
	p.check(field+"over", err)
	if out.hash.hash = digest(hash); out.hash.hash == 0 {
		p.addf(field+"hash", "%q is no hash", hash)
	}
	out.encoding, err = encodingOf(enc)
	p.check(field+"enc", err)
	return out
}

func orDefault(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// check compares the claim with the request.
func (b *boundClaim) check(c *view, claims jwt.MapClaims) Reason {
	content, st := b.over.bytes(c)
	if st != found {
		return st.reason()
	}
	text, ok := claimAt(claims, b.claim)
	if !ok {
		if b.optional || b.optionalIfEmpty && len(content) == 0 {
			return None
		}
		return BadToken
	}
	got, err := b.encoding.decode(nil, []byte(text))
	if err != nil {
		return BadToken
	}
	c.work.Hashed += len(content)
	if subtle.ConstantTimeCompare(got, sum(b.hash.hash.New, content)) != 1 {
		return Altered
	}
	return None
}

// claimAt returns the text of the claim at a dotted name. A claim with that very name wins.
func claimAt(claims map[string]any, name string) (string, bool) {
	if value, ok := claims[name]; ok {
		return claimText(value)
	}
	first, rest, dotted := strings.Cut(name, ".")
	inner, ok := claims[first].(map[string]any)
	if !dotted || !ok {
		return "", false
	}
	return claimAt(inner, rest)
}

func claimText(value any) (string, bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case json.Number:
		return value.String(), true
	case bool:
		return strconv.FormatBool(value), true
	}
	return "", false
}
