package place

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// setJSON sets the text at a path in a document; an empty one is an empty
// object. The document is encoded anew, without spaces. It reports false for
// what is not JSON, and for a path that leads through something else than
// objects and lists.
func setJSON(document []byte, path []string, text string) ([]byte, bool) {
	var root any
	if len(document) > 0 {
		decoder := json.NewDecoder(bytes.NewReader(document))
		decoder.UseNumber()
		if decoder.Decode(&root) != nil || decoder.More() {
			return nil, false
		}
	}
	root, ok := setAt(root, path, text)
	if !ok {
		return nil, false
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(root) != nil { //nolint:errchkjson // false is the answer for what cannot be encoded
		return nil, false
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), true
}

func setAt(node any, path []string, text string) (any, bool) {
	if len(path) == 0 {
		return text, true
	}
	index, isIndex := position(path[0])
	if node == nil {
		if isIndex {
			node = []any{}
		} else {
			node = map[string]any{}
		}
	}
	switch n := node.(type) {
	case map[string]any:
		inner, ok := setAt(n[path[0]], path[1:], text)
		n[path[0]] = inner
		return n, ok
	case []any:
		if !isIndex || index > len(n) {
			return nil, false
		}
		if index == len(n) {
			n = append(n, nil)
		}
		inner, ok := setAt(n[index], path[1:], text)
		n[index] = inner
		return n, ok
	default:
		return nil, false
	}
}

func position(segment string) (int, bool) {
	n, err := strconv.Atoi(segment)
	return n, err == nil && n >= 0
}
