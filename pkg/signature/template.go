package signature

import (
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
)

// op is one part of a template: text, a value, or a segment that may be left out.
type op struct {
	text    string
	value   *value
	segment []op
}

// template is what a scheme signs.
type template []op

// template compiles text with placeholders.
func (c *compiler) template(text string) (template, error) {
	ops, _, err := c.ops(text, false)
	return ops, err
}

// ops compiles up to the end of text, or of the optional segment that it is inside of.
func (c *compiler) ops(text string, inside bool) (ops template, rest string, err error) {
	for text != "" {
		if inside && strings.HasPrefix(text, "?}") {
			return ops, text[2:], nil
		}
		var one op
		switch {
		case strings.HasPrefix(text, "{?"):
			one, text, err = c.optional(text[2:], inside)
		case c.opens(text):
			one, text, err = c.placeholder(text[1:], inside)
		default:
			one.text, text = c.literal(text, inside)
			if !c.answer && strings.Contains(one.text, "}") {
				err = fmt.Errorf("%q closes nothing", one.text)
			}
		}
		if err != nil {
			return nil, "", err
		}
		ops = append(ops, one)
	}
	if inside {
		return nil, "", errors.New(`"{?" without "?}"`)
	}
	return ops, "", nil
}

func (c *compiler) optional(text string, inside bool) (op, string, error) {
	if inside {
		return op{}, "", errors.New(`"{?" inside of "{?"`)
	}
	ops, rest, err := c.ops(text, true)
	return op{segment: ops}, rest, err
}

func (c *compiler) placeholder(text string, inside bool) (op, string, error) {
	name, rest, ok := strings.Cut(text, "}")
	if !ok {
		return op{}, "", fmt.Errorf("%q has no closing brace", "{"+text)
	}
	v, err := c.value(name)
	if err != nil {
		return op{}, "", err
	}
	if v.name == captureTS && !inside && !v.optional {
		c.uses.tsNeeded = true
	}
	return op{value: v}, rest, nil
}

// opens reports whether a placeholder begins here. In an answer, which may well be JSON, a brace
// before anything but a small letter stands for itself; in what is signed that would hide a typo.
func (c *compiler) opens(text string) bool {
	if !c.answer {
		return text[0] == '{'
	}
	return len(text) > 1 && text[0] == '{' && text[1] >= 'a' && text[1] <= 'z'
}

// literal cuts off the text before the next placeholder or end of segment. It takes at least a byte.
func (c *compiler) literal(text string, inside bool) (string, string) {
	for i := 1; i < len(text); i++ {
		rest := text[i:]
		if c.opens(rest) || strings.HasPrefix(rest, "{?") || inside && strings.HasPrefix(rest, "?}") {
			return text[:i], rest
		}
	}
	return text, ""
}

// covers reports whether anything of the request is in the template.
func (t template) covers() bool {
	for _, o := range t {
		if o.value != nil || template(o.segment).covers() {
			return true
		}
	}
	return false
}

// sink receives a rendered template: the body straight into the hash, everything else by way of
// the view's buffer. Without a hash all of it stays in the buffer.
type sink struct {
	view *view
	hash hash.Hash
}

func (s sink) flush() {
	if s.hash != nil && len(s.view.message) > 0 {
		s.view.work.Hashed += len(s.view.message)
		_, _ = s.hash.Write(s.view.message)
		s.view.message = s.view.message[:0]
	}
}

// Write takes a part of the message. It never fails.
func (s sink) Write(data []byte) (int, error) {
	if s.hash == nil {
		s.view.message = append(s.view.message, data...)
		return len(data), nil
	}
	s.flush()
	s.view.work.Hashed += len(data)
	return s.hash.Write(data)
}

// body writes the body, in the form that is signed.
func (s sink) body(encoding *base64.Encoding) state {
	switch {
	case s.view.decode:
		return s.view.req.writeDecoded(s)
	case encoding == nil:
		s.view.req.writeSigned(s)
		return found
	}
	if s.hash == nil { // room for two encodings, one inside of the other
		s.view.message = slices.Grow(s.view.message, 2*len(s.view.req.Body)+chunk)
	}
	encoder := base64.NewEncoder(encoding, s)
	s.view.req.writeSigned(encoder)
	_ = encoder.Close() // a sink takes everything
	return found
}

// writeSigned writes what {body} stands for.
func (r *Request) writeSigned(w io.Writer) {
	if r.Signed != nil {
		r.Signed(w)
		return
	}
	_, _ = w.Write(r.Body) // a sink takes everything
}

// into renders the template into h.
func (t template) into(c *view, h hash.Hash) state {
	c.message = c.message[:0]
	s := sink{view: c, hash: h}
	st := t.render(s)
	if st == found {
		s.flush()
	}
	return st
}

// bytes renders the template. The result is valid until the next use of the view.
func (t template) bytes(c *view) ([]byte, state) {
	if len(t) == 1 && t[0].value != nil && t[0].value.body {
		return t[0].value.bytes(c)
	}
	st := t.into(c, nil)
	return c.message, st
}

func (t template) render(s sink) state {
	for i := range t {
		o := &t[i]
		st := found
		switch {
		case o.segment != nil:
			st = s.segment(o.segment)
		case o.value != nil:
			st = s.value(o.value)
		default:
			s.view.message = append(s.view.message, o.text...)
		}
		if st != found {
			return st
		}
	}
	return found
}

func (s sink) value(v *value) state {
	if v.body && (len(v.filters) == 0 || v.streamed != nil) {
		return s.body(v.streamed)
	}
	if v.raw == nil {
		text, st := v.text(s.view)
		s.text(text)
		return st
	}
	data, st := v.bytes(s.view)
	if len(s.view.message)+len(data) < chunk {
		s.view.message = append(s.view.message, data...)
	} else {
		_, _ = s.Write(data) // a sink takes everything
	}
	return st
}

// WriteString is Write for a text.
func (s sink) WriteString(text string) (int, error) {
	s.text(text)
	return len(text), nil
}

// text writes a text, of which a long one is not copied.
func (s sink) text(text string) {
	if s.hash == nil || len(text) < chunk {
		s.view.message = append(s.view.message, text...)
		return
	}
	s.flush()
	s.view.writeText(s.hash, text)
}

// segment renders an optional segment, or nothing when a part of it is absent.
func (s sink) segment(t template) state {
	before := len(s.view.message)
	st := t.render(sink{view: s.view})
	if st == absent {
		s.view.message = s.view.message[:before]
		return found
	}
	return st
}
