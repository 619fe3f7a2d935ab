package signature

import (
	"fmt"
	"strings"
)

// Doubts lists what is allowed in the scheme, and yet weaker than it looks.
func (s Scheme) Doubts() []Problem {
	var found []Problem
	doubt := func(field, text string) { found = append(found, Problem{Field: field, Text: text}) }
	if s.extensible() {
		doubt("msg", s.Alg+" over a secret that is not at the end can be extended: with a captured request anybody signs the same "+
			"message and more; use hmac-* where the sender can")
	}
	if s.TS != nil && s.TS.Tol != nil && *s.TS.Tol == 0 {
		doubt("ts.tol", "0 looks at no time: a captured request is good for ever")
	}
	if s.UnsignedTimestamp && !s.SignsTime() {
		doubt("unsignedTimestamp", "the time is not signed: a captured request is good for ever, with a fresh time")
	}
	for i, alternative := range s.Alt {
		for _, inner := range alternative.Doubts() {
			inner.Field = fmt.Sprintf("alt[%d].%s", i, inner.Field)
			found = append(found, inner)
		}
	}
	return found
}

// extensible reports whether a digest of the scheme can be continued without the secret. The state
// of these hashes is their result; that of SHA-384 is not.
func (s Scheme) extensible() bool {
	switch s.Alg {
	case "hash-md5", "hash-sha1", "hash-sha256", "hash-sha512":
	default:
		return false
	}
	for _, message := range s.allMessages() {
		if strings.Contains(message[strings.LastIndex(message, "{secret}")+1:], "{") {
			return true
		}
	}
	return false
}
