package signature

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// writable reports whether Sign may make up a value at the location.
func writable(location string) bool {
	kind, name, _ := strings.Cut(location, ":")
	switch kind {
	case atHeader:
		return !strings.EqualFold(name, "content-type")
	case atQuery, atForm, atJSON, atFormJSON:
		return true
	}
	return false
}

// write puts text at a location of r.
func write(r *Request, location, text string) error {
	kind, name, _ := strings.Cut(location, ":")
	if strings.Contains(name, "|") {
		return fmt.Errorf("cannot write through the filters of %q", location)
	}
	switch kind {
	case atHeader:
		r.Header.Set(name, text)
		return nil
	case atQuery:
		r.RawQuery = setPair(r.RawQuery, name, text)
		return nil
	case atForm:
		return setField(r, name, text)
	case atJSON:
		body, err := setJSON(r.Body, name, text)
		r.Body = body
		return err
	case atFormJSON:
		field, path, _ := strings.Cut(name, "/")
		old, _ := r.readForm().value(field)
		value, err := setJSON([]byte(old), path, text)
		if err != nil {
			return err
		}
		return setField(r, field, string(value))
	}
	return fmt.Errorf("cannot write to %q", location)
}

// writeNumber is write for a number: where the location is in JSON and was empty, it
// becomes a JSON number.
func writeNumber(r *Request, location, text string) error {
	path, inJSON := strings.CutPrefix(location, atJSON+":")
	if !inJSON || !validNumber([]byte(text)) || strings.Contains(path, "|") {
		return write(r, location, text)
	}
	body, err := setJSON(r.Body, path, json.Number(text))
	r.Body = body
	return err
}

func setField(r *Request, name, text string) error {
	kind := r.Header.Get("Content-Type")
	if strings.HasPrefix(kind, "multipart/") {
		return errors.New("cannot write to a multipart body")
	}
	if kind == "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Body = []byte(setPair(string(r.Body), name, text))
	return nil
}

// setPair replaces a parameter, and leaves the others as they are written.
func setPair(encoded, name, text string) string {
	var kept []string
	for one := range strings.SplitSeq(encoded, "&") {
		if key, _, _ := strings.Cut(one, "="); one != "" && key != url.QueryEscape(name) {
			kept = append(kept, one)
		}
	}
	return strings.Join(append(kept, url.QueryEscape(name)+"="+url.QueryEscape(text)), "&")
}

// setJSON sets a value in a document, of which an empty one is an empty object.
func setJSON(data []byte, path string, value any) ([]byte, error) {
	segments, err := parsePath(path)
	if err != nil {
		return data, err
	}
	var root any = map[string]any{}
	if len(data) > 0 {
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.UseNumber()
		if err := decoder.Decode(&root); err != nil {
			return data, fmt.Errorf("the body is not JSON: %w", err)
		}
	}
	root, err = setAt(root, segments, value)
	if err != nil {
		return data, err
	}
	return json.Marshal(root)
}

// setAt returns node with a text or a number at the path. A number stays a number: it is
// what a timestamp may be.
func setAt(node any, path []segment, value any) (any, error) {
	if len(path) == 0 {
		text, isText := value.(string)
		if _, isNumber := node.(json.Number); isNumber && isText && validNumber([]byte(text)) {
			return json.Number(text), nil
		}
		return value, nil
	}
	s := path[0]
	if s.deep {
		return nil, errors.New("cannot write to a place at any depth")
	}
	if node == nil {
		node = map[string]any{}
		if s.index >= 0 {
			node = []any{}
		}
	}
	switch node := node.(type) {
	case map[string]any:
		inner, err := setAt(node[s.key], path[1:], value)
		node[s.key] = inner
		return node, err
	case []any:
		if s.index == len(node) {
			node = append(node, nil)
		}
		if s.index < 0 || s.index >= len(node) {
			return nil, fmt.Errorf("the body has no place for %q", s.key)
		}
		inner, err := setAt(node[s.index], path[1:], value)
		node[s.index] = inner
		return node, err
	}
	return nil, fmt.Errorf("the body has no place for %q", s.key)
}
