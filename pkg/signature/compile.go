package signature

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Verifier is a compiled [Scheme].
type Verifier struct {
	scheme     Scheme
	views      views
	uses       uses
	algs       []algorithm // the first is the default
	algHeader  string      // canonical, or empty
	algChoice  map[string]int
	locations  []sigLocation
	grammar    *grammar
	encoding   *encoding // nil: the located text itself
	keyKind    string
	publicKeys bool
	plain      variant
	special    *variant // for requests with specialWhen
	when       *value
	urls       []respell
	clock      *clock
	tokens     *tokenRules
	source     keySource
	alts       []*Verifier
}

// variant is what must be signed, and what must be equal.
type variant struct {
	messages []template
	also     [][2]*value
}

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
	c := &compiler{paths: &v.views.paths, captures: map[string]bool{}}
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
	p.check("alg", err)
	v.algs = []algorithm{a}
	if s.AlgHeader == nil {
		return
	}
	v.algHeader = http.CanonicalHeaderKey(s.AlgHeader.Header)
	if v.algHeader == "" {
		p.add("alg_header.header", "is missing")
	}
	v.algChoice = map[string]int{}
	for text, name := range s.AlgHeader.Map {
		other, err := algorithmOf(name)
		p.check("alg_header.map", err)
		if err == nil && other.family != a.family {
			p.add("alg_header.map", "%s and %s take different keys", s.Alg, name)
		}
		v.algChoice[text] = len(v.algs)
		v.algs = append(v.algs, other)
	}
}

// header compiles where the signature is and how it is written.
func (v *Verifier) header(s *Scheme, c *compiler, p problems) {
	if len(s.Sig) == 0 {
		p.add("sig", "is missing")
	}
	for _, text := range s.Sig {
		l, err := c.sigLocation(text)
		p.check("sig", err)
		v.locations = append(v.locations, l)
	}
	var err error
	v.grammar, err = newGrammar(s)
	p.check("items", err)
	if err == nil {
		c.captures["ts"] = v.grammar.captures("ts") || s.TS != nil
		c.captures["nonce"] = v.grammar.captures("nonce")
		c.captures["keyid"] = v.grammar.captures("keyid")
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
		return nil, nil
	case name == "":
		return encodingOf("hex")
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
		p.add("key", "%q is no kind of public key for %s", s.Key, s.Alg)
	case !v.publicKeys && !symmetricKind(s.Key):
		p.add("key", "%q is no kind of key for %s", s.Key, s.Alg)
	}
	source, err := newKeySource(s.KeySrc)
	p.check("keysrc", err)
	if err == nil && s.KeySrc != "" && !v.publicKeys {
		p.add("keysrc", "needs an algorithm with public keys")
	}
	v.source = source
}

// content compiles what is signed.
func (v *Verifier) content(s *Scheme, c *compiler, p problems) {
	var err error
	if s.TS != nil {
		v.clock = c.clock(s.TS, p)
	}
	switch v.algs[0].family {
	case familyToken:
		v.refuseMessage(s, p)
	case familyJWT:
		v.refuseMessage(s, p)
		v.tokens = c.tokenRules(s, p)
	default:
		v.messages(s, c, p)
	}
	v.plain.also = c.also(s.Also, "also", p)
	v.urls, err = urlVariants(s.URLVariants)
	p.check("url_variants", err)
	if v.clock != nil {
		v.clock.needed = c.uses.tsNeeded || !c.uses.ts
	}
}

func (v *Verifier) refuseMessage(s *Scheme, p problems) {
	if s.Msg != "" || len(s.AltMsg) > 0 || s.JSONVariant != nil {
		p.add("msg", "%s signs no message", s.Alg)
	}
}

func (v *Verifier) messages(s *Scheme, c *compiler, p problems) {
	first := s.Msg
	if first == "" {
		first = "{body}"
	}
	v.plain.messages = append(v.plain.messages, v.message(first, "msg", c, p))
	for _, text := range s.AltMsg {
		v.plain.messages = append(v.plain.messages, v.message(text, "alt_msg", c, p))
	}
	if s.JSONVariant == nil {
		return
	}
	when, err := c.value(s.JSONVariant.When)
	p.check("json_variant.when", err)
	v.when = when
	v.special = &variant{
		messages: []template{v.message(s.JSONVariant.Msg, "json_variant.msg", c, p)},
		also:     c.also(s.JSONVariant.Also, "json_variant.also", p),
	}
}

func (v *Verifier) message(text, field string, c *compiler, p problems) template {
	t, err := c.template(text)
	p.check(field, err)
	if err != nil {
		return nil
	}
	if !t.covers() {
		p.add(field, "covers nothing of the request")
	}
	if v.algs[0].family == familyHash && !strings.Contains(text, "{secret}") {
		p.add(field, "%s needs {secret}, or anybody could sign", v.scheme.Alg)
	}
	return t
}

func (c *compiler) also(pairs [][]string, field string, p problems) [][2]*value {
	var all [][2]*value
	for i, pair := range pairs {
		if len(pair) != 2 {
			p.add(fmt.Sprintf("%s[%d]", field, i), "is not a pair")
			continue
		}
		var both [2]*value
		for j, text := range pair {
			one, err := c.value(text)
			p.check(fmt.Sprintf("%s[%d]", field, i), err)
			both[j] = one
		}
		all = append(all, both)
	}
	return all
}

func checkExpressions(s *Scheme, p problems) {
	_, err := CompileExpr(s.ID)
	p.check("id", err)
	_, err = CompileExpr(s.Type)
	p.check("type", err)
}

func (v *Verifier) alternates(s *Scheme, p problems) {
	if s.AltScheme != "" {
		p.add("alt_scheme", "%q names a preset, which only a preset can do", s.AltScheme)
	}
	for i, alt := range s.Alt {
		inner := p
		inner.prefix = fmt.Sprintf("%salt[%d].", p.prefix, i)
		if len(alt.Alt) > 0 || alt.AltScheme != "" {
			inner.add("alt", "an alternate has no alternates")
			alt.Alt, alt.AltScheme = nil, ""
		}
		if alt.Alg == "none" || alt.Optional {
			inner.add("alg", "an alternate must verify something")
		}
		v.alts = append(v.alts, compile(alt, inner))
	}
}

// Scheme returns what the verifier was compiled from.
func (v *Verifier) Scheme() Scheme { return v.scheme }

// Open reports whether the scheme lets unsigned requests through: with the algorithm none, or when
// the signature is optional. A source must say that it is open to use such a scheme alone.
func (v *Verifier) Open() bool { return v.scheme.Alg == "none" || v.scheme.Optional }

// NeedsSecret reports whether a source must have a secret.
func (v *Verifier) NeedsSecret() bool { return v.scheme.Alg != "none" && v.scheme.KeySrc == "" }

// NeedsPublicURL reports whether Request.PublicURL must be set.
func (v *Verifier) NeedsPublicURL() bool {
	return v.uses.url || slices.ContainsFunc(v.alts, (*Verifier).NeedsPublicURL)
}

// ConfigNames lists the settings that {cfg:NAME} refers to.
func (v *Verifier) ConfigNames() []string {
	names := slices.Clone(v.uses.config)
	for _, alt := range v.alts {
		names = append(names, alt.ConfigNames()...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
