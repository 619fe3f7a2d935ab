package httpapi_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
)

// question is a request that a provider asks, as its preset describes it.
type question struct {
	method string
	query  url.Values
	header http.Header
	form   url.Values
	json   any
}

// questionOf makes the question of a handshake. Where the preset looks for a value that it does not
// name, it has the challenge.
func questionOf(h provider.Handshake, challenge string) question {
	q := question{method: h.When.Method, query: url.Values{}, header: http.Header{}, form: url.Values{}}
	free := slices.Concat(h.When.Has, slices.Collect(maps.Keys(h.Match)), slices.Collect(maps.Keys(h.Check)), slices.Collect(maps.Keys(h.OneOf)))
	for _, place := range free {
		q.put(place, challenge)
	}
	for _, name := range h.When.Members {
		q.put("json:"+name, challenge)
	}
	for place, value := range h.When.Is {
		q.put(place, value)
	}
	return q
}

func (q *question) put(place, value string) {
	kind, name, _ := strings.Cut(place, ":")
	switch kind {
	case "query":
		q.query.Set(name, value)
	case "header":
		q.header.Set(name, value)
	case "form":
		q.form.Set(name, value)
	case "json":
		q.json = put(q.json, strings.Split(name, "."), value)
	}
}

func put(node any, path []string, value string) any {
	if len(path) == 0 {
		if number, err := strconv.Atoi(value); err == nil && len(value) < 3 {
			return number
		}
		return value
	}
	if path[0] == "0" {
		return []any{put(nil, path[1:], value)}
	}
	object, _ := node.(map[string]any)
	if object == nil {
		object = map[string]any{}
	}
	object[path[0]] = put(object[path[0]], path[1:], value)
	return object
}

// body returns the question's body and sets its content type.
func (q *question) body(t testing.TB) string {
	t.Helper()
	if len(q.form) > 0 {
		q.header.Set("Content-Type", "application/x-www-form-urlencoded")
		return q.form.Encode()
	}
	if q.json == nil {
		return ""
	}
	q.header.Set("Content-Type", "application/json")
	text, err := json.Marshal(q.json)
	require.NoError(t, err)
	return string(text)
}

// ask sends the question to a source.
func (b *bundle) ask(t testing.TB, source string, q question) reply {
	t.Helper()
	body := q.body(t)
	return b.send(t, q.method, "/in/"+source+"?"+q.query.Encode(), body, q.header)
}

// send sends a request with these header fields.
func (b *bundle) send(t testing.TB, method, path, body string, header http.Header) reply {
	t.Helper()
	var fields []string
	for name, values := range header {
		for _, value := range values {
			fields = append(fields, name, value)
		}
	}
	return b.do(t, method, path, strings.NewReader(body), fields...)
}
