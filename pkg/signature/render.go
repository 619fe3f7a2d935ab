package signature

import "fmt"

// Template is a compiled text with placeholders, for answers to handshakes. Besides what
// Scheme.Msg can contain it knows {secret}, and the filters hmac256hex, hmac256b64 and hmac1hex,
// which are keyed with it, and json, which writes a value as a JSON string.
type Template struct {
	views views
	ops   template
}

// CompileTemplate compiles text.
func CompileTemplate(text string) (*Template, error) {
	t := &Template{}
	t.views.paths = newPathTree()
	c := &compiler{paths: &t.views.paths, captures: nothingCaptured(), secret: true, answer: true}
	ops, err := c.template(text)
	if err != nil {
		return nil, err
	}
	t.ops = ops
	return t, nil
}

// Reads reports whether anything is filled in.
func (t *Template) Reads() bool { return t.ops.covers() }

// Render fills in the placeholders from r. secret is the decoded key, see [DecodeKey]; nil when the
// template needs none. It fails when a value that is not optional is absent or ambiguous.
func (t *Template) Render(r *Request, secret []byte) (string, error) {
	c := t.views.get(r)
	defer t.views.put(c)
	c.secret = secret
	text, st := t.ops.bytes(c)
	if st != found {
		return "", fmt.Errorf("render answer: %s", st.reason())
	}
	return string(text), nil
}
