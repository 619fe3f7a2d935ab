package signature

import (
	"io"
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/content"
)

// The forms of a body with a content coding that a signature can be made over.
const (
	SignsAsSent  = "as-sent"
	SignsDecoded = "decoded"
	SignsEither  = "either"
)

// Bounds of what is decoded to verify a request, for anyone can send one: some bytes, and
// some for each byte that came.
const (
	decodedFloor = 1 << 20
	decodedRatio = 64
)

// signs compiles which form of the body is signed.
func (v *Verifier) signs(s *Scheme, p problems) {
	switch s.Signs {
	case "", SignsAsSent:
		v.forms = []bool{false}
		return
	case SignsDecoded:
		v.forms = []bool{true}
	case SignsEither:
		v.forms = []bool{false, true}
	default:
		p.addf("signs", "%q is neither %s nor %s nor %s", s.Signs, SignsAsSent, SignsDecoded, SignsEither)
		return
	}
	if !v.algs[0].family.digests() {
		p.addf("signs", "%s does not sign a digest of the body", s.Alg)
	}
	if v.special != nil || len(v.plain.also) > 0 || slices.ContainsFunc(v.plain.messages, readsWithinBody) {
		p.addf("signs", "only {body} itself can be decoded: use no part of it, no filter on it, no also and no json_variant")
	}
}

// digests reports whether what is signed goes through a hash, a piece at a time.
func (f family) digests() bool {
	return f == familyHMAC || f == familyHash || f == familyECDSA || f == familyRSA || f == familyPSS
}

// readsWithinBody reports whether a template needs the body in another way than as a whole.
func readsWithinBody(t template) bool {
	return slices.ContainsFunc(t, func(o op) bool {
		switch {
		case o.segment != nil:
			return readsBody(o.segment)
		case o.value == nil:
			return false
		case o.value.body:
			return len(o.value.filters) > 0
		default:
			return isWithinBody(o.value.name)
		}
	})
}

// readsBody reports whether a template needs the body at all.
func readsBody(t template) bool {
	return slices.ContainsFunc(t, func(o op) bool {
		return o.value != nil && (o.value.body || isWithinBody(o.value.name))
	})
}

func isWithinBody(location string) bool {
	kind, _, _ := strings.Cut(location, ":")
	return slices.Contains([]string{atForm, atFormJSON, atJSON, atJSONRaw, formSorted}, kind)
}

// formsOf lists whether the body is to be decoded, for each form of it that may be signed.
// Where it has no coding they are all the same.
func (v *Verifier) formsOf(r *Request) []bool {
	if len(v.forms) == 1 && !v.forms[0] || !content.Coded(r.Header.Get("Content-Encoding")) {
		return asSentOnly
	}
	return v.forms
}

var asSentOnly = []bool{false}

// writeDecoded writes the body without its content coding into w.
func (r *Request) writeDecoded(w io.Writer) state {
	limit := decodedFloor + decodedRatio*int64(len(r.Body))
	if content.Copy(w, r.Header.Get("Content-Encoding"), r.Body, limit) != nil {
		return malformed
	}
	return found
}
