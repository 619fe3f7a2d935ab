package signature

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// location compiles the part of a placeholder before its filters.
func (c *compiler) location(v *value, text string) error {
	if text == atBody {
		v.body = true
		return nil
	}
	if known, is := c.captures[text]; is && !known {
		return fmt.Errorf("{%s} is not known here", text)
	}
	if text == "secret" && !c.secret {
		return errors.New("{secret} is for the algorithms hash-*")
	}
	if v.find = c.plain(text); v.find != nil {
		v.field = fieldOf(text)
		return nil
	}
	kind, arg, _ := strings.Cut(text, ":")
	if arg == "" {
		return fmt.Errorf("%q is no part of a request", text)
	}
	find, err := c.named(v, kind, arg)
	if err != nil {
		return fmt.Errorf("%q: %w", text, err)
	}
	v.find, v.field = find, fieldOf(text)
	return nil
}

// plain compiles the placeholders that take no argument. It returns nil for any other.
func (c *compiler) plain(name string) source {
	switch name {
	case captureTS:
		c.uses.ts = true
		return func(v *view) (string, state) { return nonEmpty(v.ts) }
	case captureNonce:
		return func(v *view) (string, state) { return captured(v, func(g *group) string { return g.nonce }) }
	case captureKeyID:
		return func(v *view) (string, state) { return captured(v, func(g *group) string { return g.keyid }) }
	case "method":
		return func(v *view) (string, state) { return nonEmpty(v.req.Method) }
	case "path":
		return func(v *view) (string, state) { return nonEmpty(v.req.path()) }
	case "pathq":
		return func(v *view) (string, state) { return nonEmpty(withQuery(v.req.path(), v.req.RawQuery)) }
	case "url":
		c.uses.url = true
		return func(v *view) (string, state) { return nonEmpty(v.currentURL()) }
	case "url_noquery":
		c.uses.url = true
		return func(v *view) (string, state) { return nonEmpty(v.req.PublicURL) }
	case formSorted:
		return func(v *view) (string, state) { return v.readForm().sorted() }
	case "secret":
		return func(v *view) (string, state) { return nonEmpty(string(v.secret)) }
	}
	return nil
}

// named compiles "kind:arg".
func (c *compiler) named(v *value, kind, arg string) (source, error) {
	switch kind {
	case atHeader:
		if strings.HasSuffix(arg, "*") {
			return nil, errors.New("a header prefix is only possible in sig")
		}
		key := http.CanonicalHeaderKey(arg)
		return func(v *view) (string, state) { return single(v.req.Header[key]) }, nil
	case atQuery:
		return func(v *view) (string, state) { return pair(v.req.RawQuery, arg) }, nil
	case atForm:
		return func(v *view) (string, state) { return v.readForm().value(arg) }, nil
	case atFormJSON:
		return c.formJSON(arg)
	case atJSON, atJSONRaw:
		path, err := parsePath(arg)
		if err != nil {
			return nil, err
		}
		slot, raw := c.paths.add(path), kind == atJSONRaw
		v.raw = func(c *view) ([]byte, state) { return bodyJSON(c, slot, raw) }
		return func(c *view) (string, state) { return copied(bodyJSON(c, slot, raw)) }, nil
	case atConfig:
		if !slices.Contains(c.uses.config, arg) {
			c.uses.config = append(c.uses.config, arg)
		}
		return func(v *view) (string, state) { return nonEmpty(v.req.Config[arg]) }, nil
	}
	return nil, fmt.Errorf("%q is no kind of location", kind)
}

func (c *compiler) formJSON(arg string) (source, error) {
	field, text, ok := strings.Cut(arg, "/")
	if !ok || field == "" {
		return nil, errors.New("want FIELD/PATH")
	}
	find, err := jsonFinder(text)
	if err != nil {
		return nil, err
	}
	return func(v *view) (string, state) {
		text, st := v.readForm().bytes(field)
		if st != found {
			return "", st
		}
		return find(text)
	}, nil
}

// bodyJSON finds a value of the body: as it is written, or its text. The result is a part of the
// body where it can be.
func bodyJSON(v *view, slot int, raw bool) ([]byte, state) {
	if !v.done {
		v.done = true
		scanJSON(v.req.document(), v.paths, v.spans, v.seen, v.stack[:0])
	}
	s := v.spans[slot]
	if s.state != found {
		return nil, s.state
	}
	if raw {
		return v.req.document()[s.start:s.end], found
	}
	return jsonBytes(v.req.document()[s.start:s.end])
}

func copied(data []byte, st state) (string, state) { return string(data), st }

// jsonFinder compiles a path for documents other than the body.
func jsonFinder(text string) (func([]byte) (string, state), error) {
	path, err := parsePath(text)
	if err != nil {
		return nil, err
	}
	tree := newPathTree()
	tree.add(path)
	return func(data []byte) (string, state) {
		spans, seen := make([]span, 1), make([]bool, tree.count)
		scanJSON(data, &tree, spans, seen, nil)
		if spans[0].state != found {
			return "", spans[0].state
		}
		return jsonText(data[spans[0].start:spans[0].end])
	}, nil
}

// single is the value of a header field. More than one is only the same as one when they are equal.
func single(values []string) (string, state) {
	if len(values) == 0 {
		return "", absent
	}
	for _, v := range values[1:] {
		if v != values[0] {
			return "", ambiguous
		}
	}
	return values[0], found
}

func nonEmpty(text string) (string, state) {
	if text == "" {
		return "", absent
	}
	return text, found
}

func captured(v *view, of func(*group) string) (string, state) {
	if v.group == nil {
		return "", absent
	}
	return nonEmpty(of(v.group))
}
