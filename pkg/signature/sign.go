package signature

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// ErrPublicKey says that a scheme's requests can only be signed with a private key, which the
// receiving end does not have.
var ErrPublicKey = errors.New("only the provider has the private key")

// Sign makes r a request that Verify accepts with the first of the keys at the time now: for
// tests, for samples, and to send on what was received. It writes the signature and the timestamp
// to their locations, in the header, the query or the body, and it gives parts of the message that
// are absent, such as an id, a fresh random value. It fails with [ErrPublicKey] for public-key
// algorithms, and when a setting or the public URL is missing.
//
// Alternates are not used. With the algorithm none, r stays as it is.
func (v *Verifier) Sign(r *Request, k Keys, now time.Time) error {
	switch {
	case v.algs[0].family == familyNone:
		return nil
	case v.publicKeys:
		return ErrPublicKey
	case len(k.keys) == 0:
		return errors.New("sign: no key")
	case v.uses.url && r.PublicURL == "":
		return errors.New("sign: the public URL is missing")
	}
	if r.Header == nil {
		r.Header = http.Header{}
	}
	g := &group{nonce: rand.Text(), keyid: orDefault(r.Config["keyid"], "penstock")}
	if err := v.stamp(r, g, now); err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	want := v.wanted(r)
	if err := v.fill(r, want); err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	text, err := v.signature(r, k.keys[0], want, g, now)
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	if err := write(r, strings.Replace(v.scheme.Sig[0], "*", "1", 1), v.grammar.write(text, g)); err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	return nil
}

// stamp writes the time.
func (v *Verifier) stamp(r *Request, g *group, now time.Time) error {
	if v.clock == nil {
		g.ts = formatTime(now, unitS)
		return nil
	}
	g.ts = formatTime(now, v.clock.unit)
	if v.clock.captured {
		return nil
	}
	if len(v.clock.at.filters) > 0 {
		return errors.New("cannot write a timestamp through filters")
	}
	if v.names(v.clock.at.name) || v.has(r, v.clock.at) {
		return write(r, v.clock.at.name, g.ts)
	}
	return writeNumber(r, v.clock.at.name, g.ts)
}

// names reports whether the message takes the value at a location by itself: who
// signs like that joins texts, and sends the time as one too.
func (v *Verifier) names(location string) bool {
	return slices.ContainsFunc(v.plain.messages, func(m template) bool {
		return slices.ContainsFunc(m, func(o op) bool { return o.value != nil && o.value.name == location })
	})
}

// wanted picks the variant of the message that applies to r.
func (v *Verifier) wanted(r *Request) *variant {
	if v.special == nil {
		return &v.plain
	}
	c := v.views.get(r)
	defer v.views.put(c)
	if _, st := v.when.bytes(c); st == absent {
		return &v.plain
	}
	return v.special
}

// fill gives absent parts of the message a random value, longer than a challenge, that begins with a letter.
func (v *Verifier) fill(r *Request, want *variant) error {
	if len(want.messages) == 0 {
		return nil
	}
	for _, o := range want.messages[0] {
		if o.value == nil || o.value.optional || !writable(o.value.name) || v.has(r, o.value) {
			continue
		}
		if err := write(r, o.value.name, "v"+strings.ToLower(rand.Text()+rand.Text())); err != nil {
			return err
		}
	}
	return nil
}

func (v *Verifier) has(r *Request, at *value) bool {
	c := v.views.get(r)
	defer v.views.put(c)
	text, st := at.text(c)
	return st != absent && text != ""
}

// signature computes the text of the signature.
func (v *Verifier) signature(r *Request, k *key, want *variant, g *group, now time.Time) (string, error) {
	c := v.views.get(r)
	defer v.views.put(c)
	c.group, c.ts, c.secret = g, g.ts, k.raw
	alg, ok := v.choose(r)
	if !ok {
		return "", fmt.Errorf("the header %s names no algorithm", v.algHeader)
	}
	switch v.algs[alg].family {
	case familyToken:
		return string(v.encoding.encode(nil, k.raw)), nil
	case familyJWT:
		return v.tokens.sign(c, k, now)
	default:
		return v.signMessage(c, k, alg, want.messages[0])
	}
}

func (v *Verifier) signMessage(c *view, k *key, alg int, m template) (string, error) {
	h := v.algs[alg].hash.New()
	if v.algs[alg].family == familyHMAC {
		h = k.macs[alg].get()
	}
	if forms := v.formsOf(c.req); len(forms) == 1 {
		c.decode = forms[0]
	}
	if st := m.into(c, h); st != found {
		return "", fmt.Errorf("the message %q: %s", v.scheme.Msg, st.reason())
	}
	return string(v.encoding.encode(nil, h.Sum(nil))), nil
}
