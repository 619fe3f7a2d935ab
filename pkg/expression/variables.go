package expression

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/cel"

	"github.com/penstock/penstock/pkg/event"
)

// variables are what an expression sees of an event. They are made when they are
// first asked for. It serves one evaluation, so it needs no lock.
type variables struct {
	event   *event.Event
	headers map[string]string
	body    any
	parsed  bool
}

// Parent implements cel.Activation.
func (*variables) Parent() cel.Activation { return nil }

// ResolveName implements cel.Activation.
func (v *variables) ResolveName(name string) (any, bool) {
	switch name {
	case "source":
		return v.event.Source, true
	case "type":
		return v.event.Type, true
	case "headers":
		if v.headers == nil {
			v.headers = firstValues(v.event.Request.Header)
		}
		return v.headers, true
	case "body":
		if !v.parsed {
			v.body, v.parsed = parseBody(v.event.Body), true
		}
		return v.body, true
	default:
		return nil, false
	}
}

func firstValues(fields []event.Field) map[string]string {
	values := make(map[string]string, len(fields))
	for _, f := range fields {
		name := strings.ToLower(f.Name)
		if _, there := values[name]; !there {
			values[name] = f.Value
		}
	}
	return values
}

// parseBody returns the body's JSON value, or its text, or nil.
func parseBody(body []byte) any {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var value any
	if d.Decode(&value) == nil {
		if _, err := d.Token(); err == io.EOF {
			return convert(value)
		}
	}
	if utf8.Valid(body) {
		return string(body)
	}
	return nil
}

// convert replaces every json.Number within a value.
func convert(value any) any {
	switch v := value.(type) {
	case json.Number:
		return number(v.String())
	case map[string]any:
		for key, inner := range v {
			v[key] = convert(inner)
		}
	case []any:
		for i, inner := range v {
			v[i] = convert(inner)
		}
	}
	return value
}

func number(text string) any {
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return i
	}
	if u, err := strconv.ParseUint(text, 10, 64); err == nil {
		return u
	}
	f, _ := strconv.ParseFloat(text, 64) // out of range is ±Inf, which still compares rightly
	return f
}
