package signature

import (
	"fmt"
	"strings"
)

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
	v.rest(s, p)
	v.plain.also = c.also(s.Also, "also", p)
	v.plain.fields = v.signedFieldsOf(&v.plain)
	v.signs(s, p)
	v.urls, err = urlVariants(s.URLVariants)
	p.check("url_variants", err)
	if v.clock != nil {
		v.clock.needed = c.uses.tsNeeded || !c.uses.ts
	}
}

func (v *Verifier) refuseMessage(s *Scheme, p problems) {
	if s.Msg != "" || len(s.AltMsg) > 0 || s.JSONVariant != nil {
		p.addf("msg", "%s signs no message", s.Alg)
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
	v.special.fields = v.signedFieldsOf(v.special)
}

func (v *Verifier) message(text, field string, c *compiler, p problems) template {
	t, err := c.template(text)
	p.check(field, err)
	if err != nil {
		return nil
	}
	if !t.covers() {
		p.addf(field, "covers nothing of the request")
	}
	if v.algs[0].family == familyHash && !strings.Contains(text, "{secret}") {
		p.addf(field, "%s needs {secret}, or anybody could sign", v.scheme.Alg)
	}
	return t
}

func (c *compiler) also(pairs [][]string, field string, p problems) [][2]*value {
	var all [][2]*value
	for i, pair := range pairs {
		if len(pair) != 2 {
			p.addf(fmt.Sprintf("%s[%d]", field, i), "is not a pair")
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
