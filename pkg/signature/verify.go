package signature

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"slices"
	"time"
)

// Verify decides whether r was signed with one of the keys, at a time near now.
func (v *Verifier) Verify(r *Request, k Keys, now time.Time) Result {
	if v.algs[0].family == familyNone {
		return Result{OK: true, Key: -1}
	}
	c := v.views.get(r)
	defer v.views.put(c)
	present, why := v.read(c)
	switch {
	case why != None:
		return reject(why)
	case present:
		return v.check(c, k, now)
	}
	for i, alt := range v.alts {
		if alt.present(r) {
			return alt.Verify(r, k.alt(i), now)
		}
	}
	if v.scheme.Optional {
		return Result{OK: true, Key: -1}
	}
	return reject(MissingSignature)
}

func (k Keys) alt(i int) Keys {
	if i >= len(k.alts) {
		return Keys{}
	}
	return k.alts[i]
}

// present reports whether there is anything where the signature should be.
func (v *Verifier) present(r *Request) bool {
	c := v.views.get(r)
	defer v.views.put(c)
	present, _ := v.read(c)
	return present
}

// read gathers the signatures.
func (v *Verifier) read(c *view) (present bool, why Reason) {
	for _, l := range v.locations {
		here, why := l.read(c, v.grammar)
		if why != None {
			return true, why
		}
		present = present || here
	}
	return present, None
}

func (v *Verifier) check(c *view, k Keys, now time.Time) Result {
	if why := v.decode(c); why != None {
		return reject(why)
	}
	alg, ok := v.choose(c.req)
	if !ok {
		return reject(UnsupportedAlgorithm)
	}
	want := &v.plain
	if v.special != nil {
		if _, st := v.when.bytes(c); st != absent {
			want = v.special
		}
	}
	best := reject(Mismatch)
	for i := range c.groups {
		c.group = &c.groups[i]
		r := v.checkGroup(c, k, alg, want, i, now)
		if r.OK {
			return r
		}
		if best.Reason == Mismatch {
			best = r
		}
	}
	return best
}

// decode decodes every signature once, and drops those that are not written as they should be.
func (v *Verifier) decode(c *view) Reason {
	if v.encoding != nil {
		c.sigs = slices.DeleteFunc(c.sigs, func(s candidate) bool { return len(s.text) > maxSignatureText })
		c.decoded = c.decoded[:0]
		usable := c.sigs[:0]
		for _, s := range c.sigs {
			start := len(c.decoded)
			c.text = append(c.text[:0], s.text...)
			decoded, err := v.encoding.decode(c.decoded, c.text)
			if err != nil || len(decoded) == start {
				continue
			}
			c.decoded, s.decoded = decoded, decoded[start:]
			usable = append(usable, s)
		}
		c.sigs = usable
	}
	if len(c.sigs) == 0 {
		return MalformedSignature
	}
	return None
}

// maxSignatureText is the longest encoded signature, in bytes: an RSA key of 16384 bits, in hexadecimal.
const maxSignatureText = 4096

// choose picks the algorithm.
func (v *Verifier) choose(r *Request) (int, bool) {
	if v.algHeader == "" {
		return 0, true
	}
	name, st := single(r.Header[v.algHeader])
	if st == absent {
		return 0, true
	}
	i, ok := v.algChoice[name]
	return i, ok && st == found
}

// checkGroup checks the signatures of the current group.
func (v *Verifier) checkGroup(c *view, k Keys, alg int, want *variant, group int, now time.Time) Result {
	ts, st := v.clock.read(c)
	if st == ambiguous {
		return reject(AmbiguousValue)
	}
	if st == absent && v.clock != nil && v.clock.needed && v.needsTimestamp() {
		return reject(MissingTimestamp)
	}
	c.ts = ts
	r := v.match(c, k, alg, want, group, now)
	if !r.OK {
		return r
	}
	if why := equal(c, want.also); why != None {
		return reject(why)
	}
	return v.clock.judge(ts, now, r)
}

// needsTimestamp reports whether a request without a time cannot pass.
func (v *Verifier) needsTimestamp() bool { return v.uses.tsNeeded || v.clock.tolerance > 0 }

func (v *Verifier) match(c *view, k Keys, alg int, want *variant, group int, now time.Time) Result {
	switch v.algs[alg].family {
	case familyToken:
		return matchToken(c, k, group)
	case familyJWT:
		return v.tokens.match(c, k, group, now)
	}
	best := reject(Mismatch)
	for try := range 1 + len(v.urls) {
		if !v.spell(c, try) {
			continue
		}
		for _, m := range want.messages {
			r := v.matchMessage(c, k, alg, m, group)
			if r.OK {
				return r
			}
			if r.Reason != Mismatch {
				best = r
			}
		}
	}
	return best
}

// spell sets the spelling of the URL, and reports whether it is a new one.
func (v *Verifier) spell(c *view, try int) bool {
	c.url = ""
	if try == 0 {
		return true
	}
	plain := c.currentURL()
	c.url = v.urls[try-1](plain)
	return c.url != plain
}

func (v *Verifier) matchMessage(c *view, k Keys, alg int, m template, group int) Result {
	for _, key := range k.keys {
		ok, st := v.algs[alg].match(c, key, alg, m, group)
		if st != found {
			return reject(st.reason())
		}
		if ok {
			return Result{OK: true, Key: key.index}
		}
	}
	return reject(Mismatch)
}

// match renders the message and compares it with every signature of the group.
func (a algorithm) match(c *view, k *key, alg int, m template, group int) (bool, state) {
	c.secret = k.raw
	switch a.family {
	case familyHMAC:
		state := k.macs[alg].get()
		defer k.macs[alg].put(state)
		st := m.into(c, state)
		return st == found && c.anySum(state.Sum(state.sum[:0]), group), st
	case familyEd25519:
		message, st := m.bytes(c)
		return st == found && c.any(group, func(s []byte) bool { return verifyMessage(k, message, s) }), st
	}
	h := a.hash.New()
	st := m.into(c, h)
	digest := h.Sum(nil)
	if a.family == familyHash {
		return st == found && c.anySum(digest, group), st
	}
	return st == found && c.any(group, func(s []byte) bool { return a.verifyDigest(k, digest, s) }), st
}

// anySum compares in constant time. hmac.Equal takes slices of different lengths as different.
func (c *view) anySum(sum []byte, group int) bool {
	ok := false
	for i := range c.sigs {
		if c.sigs[i].group == group && hmac.Equal(c.sigs[i].decoded, sum) {
			ok = true
		}
	}
	return ok
}

func (c *view) any(group int, is func([]byte) bool) bool {
	return slices.ContainsFunc(c.sigs, func(s candidate) bool { return s.group == group && is(s.decoded) })
}

// matchToken compares digests, so that not even the length of the token shows in the time it takes.
func matchToken(c *view, k Keys, group int) Result {
	for _, s := range c.sigs {
		if s.group != group {
			continue
		}
		text := s.decoded
		if text == nil {
			text = []byte(s.text)
		}
		got := sha256.Sum256(text)
		for _, key := range k.keys {
			want := sha256.Sum256(key.raw)
			if subtle.ConstantTimeCompare(got[:], want[:]) == 1 {
				return Result{OK: true, Key: key.index}
			}
		}
	}
	return reject(Mismatch)
}

// equal checks the pairs of Scheme.Also.
func equal(c *view, pairs [][2]*value) Reason {
	for _, pair := range pairs {
		var texts [2][]byte
		for i, one := range pair {
			text, st := one.bytes(c)
			if st != found {
				return st.reason()
			}
			texts[i] = text
		}
		if subtle.ConstantTimeCompare(texts[0], texts[1]) != 1 {
			return Altered
		}
	}
	return None
}
