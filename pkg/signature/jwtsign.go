package signature

import (
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// tokenLife is how long a token of Sign is valid.
const tokenLife = 5 * time.Minute

// sign makes a token that check accepts.
func (t *tokenRules) sign(c *view, k *key, now time.Time) (string, error) {
	claims := jwt.MapClaims{"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(tokenLife).Unix()}
	for name, text := range t.claims {
		claims[name] = text
	}
	for i := range t.binds {
		b := &t.binds[i]
		content, st := b.over.bytes(c)
		if st != found {
			return "", fmt.Errorf("claim %s: %s", b.claim, st.reason())
		}
		claims[b.claim] = string(b.encoding.encode(nil, sum(b.hash.hash.New, content)))
	}
	text, err := jwt.NewWithClaims(jwt.GetSigningMethod(t.algs[0]), claims).SignedString(k.raw)
	if err != nil {
		return "", fmt.Errorf("token: %w", err)
	}
	return text, nil
}
