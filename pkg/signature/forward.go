package signature

import "net/http"

// WriteToken puts the first of the keys to where the scheme, or else its first alternate
// with a token, has it in the header or in the query: for a request whose token was taken
// out. A token in the body was never taken out. It changes nothing in a request that
// carries the scheme's own signature. It fails for a place that it cannot write to.
func (v *Verifier) WriteToken(r *Request, k Keys) error {
	if v.algs[0].family == familyToken {
		return v.writeToken(r, k)
	}
	if v.present(r) {
		return nil
	}
	for i, alt := range v.alts {
		if alt.algs[0].family == familyToken {
			return alt.writeToken(r, k.alt(i))
		}
	}
	return nil
}

func (v *Verifier) writeToken(r *Request, k Keys) error {
	if len(k.keys) == 0 {
		return nil
	}
	for _, location := range v.scheme.Sig {
		if place, ok := ParsePlace(location); !ok || !place.TravelsApart() {
			continue
		}
		if r.Header == nil {
			r.Header = http.Header{}
		}
		token := string(v.encoding.encode(nil, k.keys[0].raw))
		return write(r, location, v.grammar.write(token, &group{}))
	}
	return nil
}
