package auth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"strings"
)

const authorization = "Authorization"

// credentials returns what follows the scheme in the request's Authorization
// header (RFC 9110, section 11.6.2). The scheme's case does not matter.
func credentials(r *http.Request, scheme string) (string, Reason) {
	value, reason := only(r.Header[authorization])
	if reason != ReasonNone {
		return "", reason
	}
	got, rest, _ := strings.Cut(value, " ")
	if !strings.EqualFold(got, scheme) {
		return "", ReasonMissing
	}
	rest = strings.Trim(rest, " ")
	if rest == "" || strings.ContainsAny(rest, " \t,") {
		return "", ReasonMalformed
	}
	return rest, ReasonNone
}

type bearer struct{ ring keyring }

func newBearer(c *Bearer) *bearer { return &bearer{ring: newKeyring(c.Tokens)} }

func (b *bearer) check(_ context.Context, r *http.Request) (string, Reason) {
	token, reason := credentials(r, "Bearer")
	if reason != ReasonNone {
		return "", reason
	}
	return match(b.ring, token)
}

type basic struct {
	names []digest // hashed only to compare names of any length in constant time
	ring  keyring
}

func newBasic(c *Basic) *basic {
	b := &basic{ring: newKeyring(c.Users)}
	for _, name := range b.ring.names {
		b.names = append(b.names, sha256.Sum256([]byte(name)))
	}
	return b
}

func (b *basic) check(_ context.Context, r *http.Request) (string, Reason) {
	encoded, reason := credentials(r, "Basic")
	if reason != ReasonNone {
		return "", reason
	}
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return "", ReasonMalformed
	}
	user, password, ok := strings.Cut(string(raw), ":")
	if !ok {
		return "", ReasonMalformed
	}
	return b.find(user, password)
}

// find compares the pair with every user's, so its time depends on their
// number alone.
func (b *basic) find(user, password string) (string, Reason) {
	name, secret := sha256.Sum256([]byte(user)), sha256.Sum256([]byte(password))
	at := -1
	for i := range b.names {
		same := subtle.ConstantTimeCompare(name[:], b.names[i][:]) &
			subtle.ConstantTimeCompare(secret[:], b.ring.digests[i][:])
		at = subtle.ConstantTimeSelect(same, i, at)
	}
	if at < 0 {
		return "", ReasonUnknown
	}
	return b.ring.names[at], ReasonNone
}
