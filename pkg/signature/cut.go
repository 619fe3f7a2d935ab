package signature

import (
	"slices"
	"strings"
	"time"
)

// A message is cut in one way when every value but one ends where the text around it begins. Then who has a signature
// cannot move the end of one value and the beginning of the next: "id.time.body" is no other id, time and body.

// uncut refuses a request whose values hold the text that separates them. It looks at the message that fits the signature.
func (v *Verifier) uncut(c *view, t template) Reason {
	for i := range t {
		why := None
		switch o := &t[i]; {
		case o.segment != nil:
			why = v.uncut(c, o.segment)
		case o.value == nil || o.value.body || o.value.name == v.scheme.Rest:
		case v.isTime(o.value):
			why = v.clock.uncut(c.ts, t.text(i-1)+t.text(i+1), t.beginning(i+1))
		case c.holds(o.value, t.text(i-1)) || c.holds(o.value, t.text(i+1)) || t.url(i+1) && c.holds(o.value, c.req.PublicURL):
			why = AmbiguousValue
		}
		if why != None {
			return why
		}
	}
	return None
}

// rest checks that Scheme.Rest is a part of a message.
func (v *Verifier) rest(s *Scheme, p problems) {
	is := func(one *value) bool { return one.name == s.Rest }
	if s.Rest != "" && !slices.ContainsFunc(v.plain.messages, func(m template) bool { return slices.ContainsFunc(m.values(), is) }) {
		p.addf("rest", "%q is no part of msg", s.Rest)
	}
}

// cutOnce is the result of a message that fits.
func (v *Verifier) cutOnce(c *view, t template, r Result) Result {
	if why := v.uncut(c, t); why != None {
		return reject(why)
	}
	return r
}

// isTime reports whether the value is the time that the scheme looks at.
func (v *Verifier) isTime(one *value) bool {
	return v.clock != nil && (one.name == captureTS || one.name == v.scheme.TS.From)
}

// text is the text at a position of the template. It is empty for a value and beyond the ends.
func (t template) text(i int) string {
	if i < 0 || i >= len(t) {
		return ""
	}
	return t[i].text
}

// url reports whether the configured address is at a position of the template.
func (t template) url(i int) bool {
	return i < len(t) && t[i].value != nil && strings.HasPrefix(t[i].value.name, "url")
}

// beginning is how what is at a position of the template can begin: as a text does, or in any way. It is empty at the end.
func (t template) beginning(i int) string {
	if i < len(t) && t[i].text == "" {
		return anything
	}
	return t.text(i)
}

// chosen is the part of a value that the sender chooses.
func (c *view) chosen(one *value) string {
	kind, _, _ := strings.Cut(one.name, ":")
	switch kind {
	case "secret", "method", "path", "url_noquery", atConfig:
		return ""
	case "url", "pathq":
		return c.req.RawQuery
	}
	text, _ := one.text(c) // it was found when it was signed
	return text
}

// holds reports whether a text is in what the sender chooses of a value.
func (c *view) holds(one *value, text string) bool {
	return text != "" && strings.Contains(c.chosen(one), text)
}

// anything begins as a time could go on.
const anything = "."

// uncut refuses a time that is none, where a text separates it from another value, and one that could go on in what follows.
func (k *clock) uncut(text, around, next string) Reason {
	if text == "" {
		return None
	}
	_, err := parseTime(text, k.unit)
	if err != nil && around != "" || next != "" && strings.IndexByte(".,Z+-", next[0]) >= 0 && lacksZone(text) {
		return MalformedTimestamp
	}
	return None
}

// lacksZone reports whether a time is written so that a fraction or a zone could follow.
func lacksZone(text string) bool {
	if digits([]byte(text)) == len(text) {
		return false
	}
	_, err := time.Parse("2006-01-02T15:04:05", text)
	return err == nil
}
