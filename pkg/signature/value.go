package signature

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
)

// state says whether a value was found.
type state uint8

const (
	absent state = iota
	found
	ambiguous // it is there more than once, with different texts
	malformed // what it is a part of cannot be read wholly
)

// reason is what an unfinished message says about the request.
func (s state) reason() Reason {
	switch s {
	case ambiguous:
		return AmbiguousValue
	case malformed:
		return MalformedBody
	default:
		return MissingValue
	}
}

// source finds a value in a request.
type source func(*view) (string, state)

// value is a compiled placeholder: a source, then filters.
type value struct {
	name     string // the location as it was written
	body     bool   // the raw body; find is nil then
	find     source
	field    string                      // the form field that find reads; anyField: all of them; empty: none
	raw      func(*view) ([]byte, state) // find without a copy; nil: there is no such way
	filters  []filter
	streamed *base64.Encoding // the only filter, when it is one that needs no memory
	optional bool             // absent counts as empty
}

// text returns the filtered value. For a plain {body} see bytes.
func (v *value) text(c *view) (string, state) {
	if len(v.filters) == 0 && !v.body {
		text, st := v.find(c)
		return v.orEmpty(text, st)
	}
	data, st := v.bytes(c)
	return string(data), st
}

// bytes returns the filtered value without copying the body.
func (v *value) bytes(c *view) ([]byte, state) {
	data, st := v.unfiltered(c)
	for i := 0; i < len(v.filters) && st == found; i++ {
		data, st = v.filters[i](c, data)
	}
	if st != found {
		text, st := v.orEmpty("", st)
		return []byte(text), st
	}
	return data, st
}

func (v *value) unfiltered(c *view) ([]byte, state) {
	switch {
	case v.body && c.req.Signed != nil:
		var signed bytes.Buffer
		c.req.Signed(&signed)
		return signed.Bytes(), found
	case v.body:
		return c.req.Body, found
	case v.raw != nil:
		return v.raw(c)
	default:
		text, st := v.find(c)
		return []byte(text), st
	}
}

func (v *value) orEmpty(text string, st state) (string, state) {
	if st == absent && v.optional {
		return "", found
	}
	return text, st
}

// compiler turns the text of a scheme into values. All values of one compiled object share its
// paths, so that the body is scanned once.
type compiler struct {
	paths    *pathTree
	captures map[string]bool // the captures that {NAME} may refer to
	secret   bool            // {secret} is allowed
	answer   bool            // so are the filters for answers, and braces that stand for themselves
	uses     uses
}

// uses is what the compiled values ask of a request.
type uses struct {
	ts, tsNeeded bool // {ts} occurs; it occurs outside of an optional part
	url          bool
	config       []string
}

// value compiles "location|filter|filter", each part maybe followed by "?".
func (c *compiler) value(text string) (*value, error) {
	name, rest, filtered := strings.Cut(text, "|")
	v := &value{}
	v.name = v.trim(name)
	if err := c.location(v, v.name); err != nil {
		return nil, err
	}
	for filtered {
		var one string
		one, rest, filtered = strings.Cut(rest, "|")
		f, err := c.filter(v.trim(one))
		if err != nil {
			return nil, fmt.Errorf("%q: %w", text, err)
		}
		v.filters = append(v.filters, f)
		v.streamed = streamed(v, one)
	}
	return v, nil
}

// trim takes off the mark of an optional value.
func (v *value) trim(text string) string {
	text = strings.TrimSpace(text)
	if short, marked := strings.CutSuffix(text, "?"); marked {
		v.optional = true
		return short
	}
	return text
}

// streamed returns the encoding that is the value's only filter, for encodings that need no memory.
func streamed(v *value, filter string) *base64.Encoding {
	if len(v.filters) > 1 || !v.body {
		return nil
	}
	return map[string]*base64.Encoding{"b64": base64.StdEncoding, "b64url": base64.RawURLEncoding}[v.trim(filter)]
}
