package signature

import (
	"context"
	"time"
)

// Verify decides whether r was signed with one of the keys, at a time near now.
func (v *Verifier) Verify(r *Request, k Keys, now time.Time) Result {
	return v.VerifyContext(context.Background(), r, k, now)
}

// VerifyContext is Verify that uses no public key once ctx has ended: the reason is [Abandoned] then.
// What is verified with secrets takes too little time to leave it unfinished.
func (v *Verifier) VerifyContext(ctx context.Context, r *Request, k Keys, now time.Time) Result {
	if v.algs[0].family == familyNone {
		return Result{OK: true, Key: -1}
	}
	c := v.views.get(r)
	defer v.views.put(c)
	c.ended = ctx.Done()
	present, why := v.read(c)
	switch {
	case why != None:
		return reject(why)
	case present:
		return v.check(c, k, now)
	}
	for i, alt := range v.alts {
		if alt.present(r) {
			return alt.VerifyContext(ctx, r, k.alt(i), now)
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
	if v.algs[0].family != familyJWT { // a token is read where it is
		if why := v.decode(c); why != None {
			return reject(why)
		}
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
		if r.OK || r.Reason.ends() {
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
	if len(usable) == 0 {
		return MalformedSignature
	}
	return None
}

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
	if st > found {
		return reject(st.reason())
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
	if why := want.fields.check(c); why != None {
		return reject(why)
	}
	return v.clock.judge(ts, now, r)
}

// needsTimestamp reports whether a request without a time cannot pass.
func (v *Verifier) needsTimestamp() bool { return v.uses.tsNeeded || v.clock.tolerance > 0 }
