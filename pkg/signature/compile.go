package signature

import (
	"crypto"
	"errors"
	"fmt"
	"net/http"
)

// Compile checks a scheme and prepares it. The error joins a [*Problem] for everything that is
// wrong; see [Problems].
func Compile(s Scheme) (*Verifier, error) {
	var found []error
	v := compile(s, problems{found: &found})
	if len(found) > 0 {
		return nil, errors.Join(found...)
	}
	return v, nil
}

// Validate returns what Compile finds wrong with the scheme.
func (s Scheme) Validate() error {
	_, err := Compile(s)
	return err
}

func compile(s Scheme, p problems) *Verifier {
	v := &Verifier{scheme: s}
	v.views.paths = newPathTree()
	v.algorithms(&s, p)
	c := &compiler{paths: &v.views.paths, captures: nothingCaptured(), secret: v.algs[0].family == familyHash}
	if v.algs[0].family != familyNone {
		v.header(&s, c, p)
		v.content(&s, c, p)
	}
	checkExpressions(&s, p)
	v.alternates(&s, p)
	v.uses = c.uses
	return v
}

func (v *Verifier) algorithms(s *Scheme, p problems) {
	a, err := algorithmOf(s.Alg)
	if s.Alg == "" {
		err = errors.New("is missing")
	}
	if err != nil {
		p.check("alg", err)
		a = algorithm{familyHMAC, crypto.SHA256} // to find what else is wrong
	}
	v.algs = []algorithm{a}
	if s.AlgHeader == nil {
		return
	}
	v.algHeader = http.CanonicalHeaderKey(s.AlgHeader.Header)
	if v.algHeader == "" {
		p.addf("alg_header.header", "is missing")
	}
	v.algChoice = map[string]int{}
	for text, name := range s.AlgHeader.Map {
		other, err := algorithmOf(name)
		p.check("alg_header.map", err)
		if err == nil && other.family != a.family {
			p.addf("alg_header.map", "%s and %s take different keys", s.Alg, name)
		}
		v.algChoice[text] = len(v.algs)
		v.algs = append(v.algs, other)
	}
}

// header compiles where the signature is and how it is written.
func (v *Verifier) header(s *Scheme, c *compiler, p problems) {
	if len(s.Sig) == 0 {
		p.addf(captureSig, "is missing")
	}
	for _, text := range s.Sig {
		l, err := c.sigLocation(text)
		if _, apart := ParsePlace(text); err == nil && s.Alg == algToken && !apart {
			err = fmt.Errorf("%q cannot hold a token: a token is in a header field, in a query parameter or in the body", text)
		}
		p.check(captureSig, err)
		v.locations = append(v.locations, l)
	}
	var err error
	v.grammar, err = newGrammar(s)
	p.check("items", err)
	if err == nil {
		c.captures[captureTS] = v.grammar.captures(captureTS) || s.TS != nil
		c.captures[captureNonce] = v.grammar.captures(captureNonce)
		c.captures[captureKeyID] = v.grammar.captures(captureKeyID)
	}
	v.encoding, err = v.defaultEncoding(s.Enc)
	p.check("enc", err)
	v.keys(s, p)
}

func (v *Verifier) defaultEncoding(name string) (*encoding, error) {
	switch f := v.algs[0].family; {
	case f == familyJWT && name != "":
		return nil, errors.New("a JWT has its own encoding")
	case name == "" && (f == familyJWT || f == familyToken):
		return asWritten(), nil
	case name == "":
		return encodingOf(encHex)
	}
	return encodingOf(name)
}

// keys checks how the secret becomes a key.
func (v *Verifier) keys(s *Scheme, p problems) {
	v.keyKind = s.Key
	v.publicKeys = v.algs[0].family.public()
	if v.algs[0].family == familyJWT {
		v.tokenAlgorithms(s, p)
	}
	switch {
	case v.publicKeys && !publicKind(s.Key, v.algs[0].family):
		p.addf("key", "%q is no kind of public key for %s", s.Key, s.Alg)
	case !v.publicKeys && !symmetricKind(s.Key):
		p.addf("key", "%q is no kind of key for %s", s.Key, s.Alg)
	}
	source, err := newKeySource(s.KeySrc)
	p.check("keysrc", err)
	if err == nil && s.KeySrc != "" && !v.publicKeys {
		p.addf("keysrc", "needs an algorithm with public keys")
	}
	v.source = source
}

func checkExpressions(s *Scheme, p problems) {
	_, err := CompileExpr(s.ID)
	p.check("id", err)
	_, err = CompileExpr(s.Type)
	p.check("type", err)
}

func (v *Verifier) alternates(s *Scheme, p problems) {
	if s.AltScheme != "" {
		p.addf("alt_scheme", "%q names a preset, which only a preset can do", s.AltScheme)
	}
	for i, alt := range s.Alt {
		inner := p
		inner.prefix = fmt.Sprintf("%salt[%d].", p.prefix, i)
		if len(alt.Alt) > 0 || alt.AltScheme != "" {
			inner.addf("alt", "an alternate has no alternates")
			alt.Alt, alt.AltScheme = nil, ""
		}
		if alt.Alg == algNone || alt.Optional {
			inner.addf("alg", "an alternate must verify something")
		}
		v.alts = append(v.alts, compile(alt, inner))
	}
}
