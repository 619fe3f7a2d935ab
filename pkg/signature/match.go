package signature

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"time"
)

// match looks for a key that the current group is signed with.
func (v *Verifier) match(c *view, k Keys, alg int, want *variant, group int, now time.Time) Result {
	switch v.algs[alg].family {
	case familyToken:
		return matchToken(c, k, group)
	case familyJWT:
		return v.tokens.match(c, k, group, now)
	default:
		return v.matchMessages(c, k, alg, want, group)
	}
}

// matchMessages tries every message with every spelling of the URL. That one of them matched
// nothing says more than that another could not be put together.
func (v *Verifier) matchMessages(c *view, k Keys, alg int, want *variant, group int) Result {
	var best Result
	for try := range 1 + len(v.urls) {
		if !v.spell(c, try) {
			continue
		}
		for _, m := range want.messages {
			r := v.matchForms(c, k, alg, m, group)
			if r.OK {
				return v.cutOnce(c, m, r)
			}
			if r.Reason.ends() {
				return r
			}
			if best.Reason == None || r.Reason == Mismatch {
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

// matchForms tries every form of the body that may be signed.
func (v *Verifier) matchForms(c *view, k Keys, alg int, m template, group int) (best Result) {
	for _, c.decode = range v.formsOf(c.req) {
		r := v.matchMessage(c, k, alg, m, group)
		if r.OK || r.Reason.ends() {
			return r
		}
		if best.Reason == None || r.Reason == Mismatch {
			best = r
		}
	}
	return best
}

func (v *Verifier) matchMessage(c *view, k Keys, alg int, m template, group int) Result {
	if v.algs[alg].family.public() {
		return v.algs[alg].matchPublic(c, k, m, group)
	}
	for _, key := range k.keys {
		ok, st := v.algs[alg].matchSecret(c, key, alg, m, group)
		if st != found {
			return reject(st.reason())
		}
		if ok {
			return Result{OK: true, Key: key.index}
		}
	}
	return reject(Mismatch)
}

// matchSecret renders the message and compares it with every signature of the group.
func (a algorithm) matchSecret(c *view, k *key, alg int, m template, group int) (bool, state) {
	c.secret = k.raw
	if a.family == familyHMAC {
		state := k.macs[alg].get()
		defer k.macs[alg].put(state)
		st := m.into(c, state)
		return st == found && c.anySum(state.Sum(state.sum[:0]), group), st
	}
	h := a.hash.New()
	st := m.into(c, h)
	return st == found && c.anySum(h.Sum(nil), group), st
}

// matchPublic renders the message once: it is the same for every key. Then it tries every key on
// every signature of the group.
func (a algorithm) matchPublic(c *view, k Keys, m template, group int) Result {
	if len(k.keys) == 0 {
		return reject(Mismatch)
	}
	text, st := a.render(c, m)
	if st != found {
		return reject(st.reason())
	}
	for _, key := range k.keys {
		for _, s := range c.sigs {
			if s.group != group {
				continue
			}
			if why := c.operate(); why != None {
				return reject(why)
			}
			if a.verify(c, key, text, s.decoded) {
				return Result{OK: true, Key: key.index}
			}
		}
	}
	return reject(Mismatch)
}

// render returns what the algorithm signs of the message: a digest, or all of it.
func (a algorithm) render(c *view, m template) ([]byte, state) {
	if a.family == familyEd25519 {
		return m.bytes(c)
	}
	h := a.hash.New()
	st := m.into(c, h)
	return h.Sum(nil), st
}

func (a algorithm) verify(c *view, k *key, text, sig []byte) bool {
	if a.family == familyEd25519 {
		c.work.Hashed += len(text)
		return verifyMessage(k, text, sig)
	}
	return a.verifyDigest(k, text, sig)
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

// matchToken compares digests, so that not even the length of the token shows in the time it takes.
func matchToken(c *view, k Keys, group int) Result {
	for _, s := range c.sigs {
		if s.group != group {
			continue
		}
		got := sha256.Sum256(s.decoded)
		c.work.Hashed += len(s.decoded)
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
