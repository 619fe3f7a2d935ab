package transform

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/penstock/penstock/pkg/event"
)

// input returns the body's JSON value, or its text, or nil. A number stays the text
// that it is, which gojq reads when it reckons with it.
func input(body []byte) any {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var value any
	if d.Decode(&value) == nil {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return value
		}
	}
	if utf8.Valid(body) {
		return string(body)
	}
	return nil
}

func headers(fields []event.Field) map[string]any {
	values := make(map[string]any, len(fields))
	for _, f := range fields {
		name := strings.ToLower(f.Name)
		if _, there := values[name]; !there {
			values[name] = f.Value
		}
	}
	return values
}

// described returns the fields with those that describe the body being true of the
// new one.
func described(fields []event.Field) []event.Field {
	out := make([]event.Field, 0, len(fields)+1)
	for _, f := range fields {
		switch strings.ToLower(f.Name) {
		case "content-type", "content-encoding", "content-length", "content-md5", "digest", "content-digest", "repr-digest", "etag":
		default:
			out = append(out, f)
		}
	}
	return append(out, event.Field{Name: "Content-Type", Value: "application/json"})
}
