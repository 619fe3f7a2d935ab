package api

import "encoding/hex"

// Holder is who a token belongs to.
type Holder struct {
	Name   string
	Hash   string  // of the token, SHA-256 in hex
	Scopes []Scope // what it allows
}

// Open reports whether everybody may do everything.
func (g *Guard) Open() bool { return g.open }

// Any reports whether there is a token at all.
func (g *Guard) Any() bool { return len(g.current()) > 0 }

// Holder returns who a token belongs to. It takes as long whichever it is, or none.
func (g *Guard) Holder(secret string) (Holder, bool) {
	return g.current().find(secret).holder()
}

// HolderOf returns who the token with a hash belongs to, as long as the tokens file names
// it. It is for one who was let in with the token before.
func (g *Guard) HolderOf(hash string) (Holder, bool) {
	all := g.current()
	for i := range all {
		if hex.EncodeToString(all[i].hash[:]) == hash {
			return all[i].holder()
		}
	}
	return Holder{}, false
}

// holder returns nobody for nil.
func (t *token) holder() (Holder, bool) {
	if t == nil {
		return Holder{}, false
	}
	return Holder{t.Name, hex.EncodeToString(t.hash[:]), t.Scopes}, true
}

// Allows reports whether the token has the scope.
func (h Holder) Allows(s Scope) bool { return (&token{Scopes: h.Scopes}).allows(s) }
