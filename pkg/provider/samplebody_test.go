package provider_test

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// locationsIn finds the places that an expression or a template names, by kind.
func locationsIn(text string) map[string][]string {
	found := map[string][]string{}
	for _, match := range regexp.MustCompile(`(header|jsonraw|json|formjson|form|query):([^|}+ ?]+)`).FindAllStringSubmatch(text, -1) {
		found[match[1]] = append(found[match[1]], match[2])
	}
	return found
}

// sampleBody is a body that grows as values are placed in it.
type sampleBody struct {
	json any
	form url.Values
	docs map[string]any // JSON in form fields
}

func newSampleBody() *sampleBody { return &sampleBody{form: url.Values{}, docs: map[string]any{}} }

// place puts a value where a preset looks for one: the value of a setting where
// the preset restricts it, and else one that tells where it stood.
func (b *sampleBody) place(r *signature.Request, kind, name string, p *provider.Preset, o provider.Options) {
	value := "sample-" + name[strings.LastIndexAny(name, "./-")+1:]
	if setting, restricted := p.Allow[kind+":"+name]; restricted && o.Config[setting] != "" {
		value = o.Config[setting]
	}
	if want, required := p.Require[kind+":"+name]; required {
		value = sampleFor(want, value)
	}
	switch kind {
	case "header":
		r.Header.Set(name, value)
	case "query":
		query, _ := url.ParseQuery(r.RawQuery)
		query.Set(name, value)
		r.RawQuery = query.Encode()
	case "form":
		b.form.Set(name, value)
	case "formjson":
		field, path, _ := strings.Cut(name, "/")
		b.docs[field] = setIn(b.docs[field], strings.Split(path, "."), value)
	default:
		b.json = setIn(b.json, strings.Split(name, "."), value)
	}
}

// sampleFor is a value that an event must have: the one that tells where it stood, where that will do.
func sampleFor(want, value string) string {
	samples := []string{
		value, base64.StdEncoding.EncodeToString([]byte("<notification><kind>" + value + "</kind></notification>")),
		"1700000000", "2026-01-02T03:04:05", "EGP", "true", `{"sample":true}`,
	}
	whole := regexp.MustCompile(`\A(?:` + want + `)\z`)
	return samples[slices.IndexFunc(samples, whole.MatchString)]
}

func setIn(node any, path []string, value string) any {
	if len(path) == 0 {
		if node != nil {
			return node // something was placed below already
		}
		return value
	}
	if index, err := strconv.Atoi(path[0]); err == nil {
		list, _ := node.([]any)
		for len(list) <= index {
			list = append(list, nil)
		}
		list[index] = setIn(list[index], path[1:], value)
		return list
	}
	object, _ := node.(map[string]any)
	if object == nil {
		object = map[string]any{}
	}
	object[path[0]] = setIn(object[path[0]], path[1:], value)
	return object
}

// finish writes the body: JSON where there is a choice and the form is not signed.
func (b *sampleBody) finish(t testing.TB, r *signature.Request, signedForm bool) {
	t.Helper()
	for field, document := range b.docs {
		text, err := json.Marshal(document)
		require.NoError(t, err)
		b.form.Set(field, string(text))
	}
	switch {
	case signedForm, b.json == nil && len(b.form) > 0:
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Body = []byte(b.form.Encode())
	case b.json != nil:
		text, err := json.Marshal(b.json)
		require.NoError(t, err)
		r.Header.Set("Content-Type", "application/json")
		r.Body = text
	default:
		r.Header.Set("Content-Type", "application/json")
		r.Body = []byte(`{"sample":true}`)
	}
}
