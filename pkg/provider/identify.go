package provider

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"

	"github.com/penstock/penstock/pkg/signature"
)

// Identify returns the provider's id of an event and the type, both as the
// request has them. An empty id means that the provider gives none: the caller
// then takes the SHA-256 of the body. The type may be empty too.
//
// Where the body would not tell two events apart the id is never empty: it is a
// digest of the query for a request without a body, and a random one where the
// provider is known to send events that look alike.
func (s *Source) Identify(r *signature.Request) (id, typ string) {
	inner := s.unwrapped(r)
	id, typ = s.id.Eval(inner), s.typ.Eval(inner)
	switch {
	case id != "":
	case s.preset != nil && s.preset.Alike, len(r.Body) == 0 && r.RawQuery == "":
		id = rand.Text()
	case len(r.Body) == 0:
		sum := sha256.Sum256([]byte(r.RawQuery))
		id = hex.EncodeToString(sum[:])
	}
	return id, typ
}
