package signature

import (
	"crypto/ecdsa"
	"crypto/hmac"
	"encoding/base64"
	"math/big"
	"strings"
)

// Limits on the parts of a token, in bytes as they are written. The header holds the largest that is
// of use: a chain of certificates.
const (
	maxHead    = 64 << 10
	maxSigText = 2 << 10
)

// compactToken is a JWS in its compact form (RFC 7515 section 7.1), not decoded.
type compactToken struct{ head, payload, sig, signed string }

// splitToken finds the three parts.
func splitToken(text string) (compactToken, bool) {
	head, rest, hasPayload := strings.Cut(text, ".")
	payload, sig, hasSig := strings.Cut(rest, ".")
	t := compactToken{head: head, payload: payload, sig: sig}
	if !hasPayload || !hasSig || strings.Contains(sig, ".") || len(head) > maxHead || len(sig) > maxSigText {
		return t, false
	}
	t.signed = text[:len(head)+1+len(payload)]
	return t, true
}

// tokenHead is what is read of a token's header.
type tokenHead struct {
	alg, keyID string
	extended   bool // it has extensions that must be understood
}

// readHead reads the header. It is false when that is no JSON object.
func (c *view) readHead(t compactToken) (tokenHead, bool) {
	var err error
	c.text = append(c.text[:0], t.head...)
	c.opened, err = base64.RawURLEncoding.AppendDecode(c.opened[:0], c.text)
	if err != nil {
		return tokenHead{}, false
	}
	var spans [3]span
	var seen [3]bool
	scanJSON(c.opened, &headPaths, spans[:], seen[:], nil)
	if !isObject(c.opened) {
		return tokenHead{}, false
	}
	return tokenHead{
		alg: textAt(c.opened, spans[0]), keyID: textAt(c.opened, spans[1]), extended: spans[2].state != absent,
	}, true
}

// headPaths finds the members of a header that matter, in the order of readHead.
var headPaths = func() pathTree {
	tree := newPathTree()
	for _, name := range []string{"alg", "kid", "crit"} {
		tree.add([]segment{{key: name, index: -1}})
	}
	return tree
}()

// isObject reports whether data is one JSON object.
func isObject(data []byte) bool {
	s := scanner{data: data}
	s.space()
	return s.pos < len(data) && data[s.pos] == '{' && s.any(0, 0, 0) && s.end()
}

// textAt is a text that is there once; empty: it is not.
func textAt(data []byte, s span) string {
	if s.state != found || data[s.start] != '"' {
		return ""
	}
	text, _ := jsonText(data[s.start:s.end])
	return text
}

// tokenAlgorithm is the algorithm of a name of RFC 7518 or RFC 8037.
func tokenAlgorithm(name string) (algorithm, bool) {
	if name == "EdDSA" {
		return algorithm{familyEd25519, 0}, true
	}
	if len(name) != len("HS256") {
		return algorithm{}, false
	}
	f, known := map[string]family{"HS": familyHMAC, "RS": familyRSA, "PS": familyPSS, "ES": familyECDSA}[name[:2]]
	h := digest("sha" + name[2:])
	return algorithm{f, h}, known && h != 0
}

// signedToken is a token with what is needed to try keys on it.
type signedToken struct {
	compactToken

	alg    algorithm
	sig    []byte
	digest []byte // of what is signed, for the algorithms that sign a digest
}

// prepare decodes the signature and hashes what is signed, once for all keys.
func (c *view) prepare(t compactToken, alg algorithm) (signedToken, bool) {
	sig, err := base64.RawURLEncoding.DecodeString(t.sig)
	s := signedToken{compactToken: t, alg: alg, sig: sig}
	switch alg.family {
	case familyHMAC: // the key comes first
	case familyEd25519:
		c.message = append(c.message[:0], t.signed...)
	default:
		h := alg.hash.New()
		c.writeText(h, t.signed)
		s.digest = h.Sum(nil)
	}
	return s, err == nil
}

// fitsKey reports whether the key made the token's signature.
func (s *signedToken) fitsKey(c *view, k *key) (bool, Reason) {
	if s.alg.family == familyHMAC {
		mac := hmac.New(s.alg.hash.New, k.raw)
		c.writeText(mac, s.signed)
		return hmac.Equal(mac.Sum(nil), s.sig), None
	}
	if why := c.operate(); why != None {
		return false, why
	}
	switch s.alg.family {
	case familyEd25519:
		c.work.Hashed += len(c.message)
		return verifyMessage(k, c.message, s.sig), None
	case familyECDSA:
		return s.fitsCurve(k), None
	default:
		return s.alg.verifyDigest(k, s.digest, s.sig), None
	}
}

// fitsCurve checks a signature of two numbers of fixed length (RFC 7518 section 3.4), on the curve of
// the algorithm.
func (s *signedToken) fitsCurve(k *key) bool {
	public, is := k.public.(*ecdsa.PublicKey)
	bits := map[int]int{32: 256, 48: 384, 64: 521}[s.alg.hash.Size()]
	size := (bits + 7) / 8
	if !is || public.Curve.Params().BitSize != bits || len(s.sig) != 2*size {
		return false
	}
	r, t := new(big.Int).SetBytes(s.sig[:size]), new(big.Int).SetBytes(s.sig[size:])
	return ecdsa.Verify(public, s.digest, r, t)
}
