package provider_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// A captured request is cut anew: what stands between two values that the sender chooses is written into the second one
// once more, and the cut is made there. The text is the same, and so the signature fits both.
func TestWhatSeparatesTwoSignedValuesCannotBeMoved(t *testing.T) {
	t.Parallel()
	accepted, open := 0, []string(nil)
	for _, p := range presets() {
		if !signsText(p) || strings.Contains(p.Notes, oneText) {
			continue
		}
		for _, message := range messagesOf(p) {
			for _, c := range cutsOf(p, message) {
				captured, cut := c.requests(t, withText(p, message))
				if captured {
					accepted++
				}
				if captured && cut {
					open = append(open, p.ID+": "+c.first+" and "+c.second)
				}
			}
		}
	}
	require.Empty(t, open, "what is between these values can be moved")
	require.Greater(t, accepted, 15, "requests that are authentic before they are cut")
}

// oneText is the notice of presets whose provider leaves open where a signed value ends.
const oneText = "signed as one text: where one ends and the next begins is not signed."

func signsText(p *provider.Preset) bool {
	return p.Scheme.Msg != "" && !slices.Contains([]string{"token", "jwt", "none"}, p.Scheme.Alg)
}

func messagesOf(p *provider.Preset) []string {
	messages := append([]string{p.Scheme.Msg}, p.Scheme.AltMsg...)
	if p.Scheme.JSONVariant != nil {
		messages = append(messages, p.Scheme.JSONVariant.Msg)
	}
	return messages
}

// withText is a preset that signs just this message, with a secret that the test has. Its provider may use a private key.
func withText(p *provider.Preset, message string) *provider.Preset {
	one := *p
	one.Scheme.Msg, one.Scheme.AltMsg, one.Scheme.JSONVariant = message, nil, nil
	one.SecretUse = provider.SecretRequired
	if family, _, _ := strings.Cut(p.Scheme.Alg, "-"); family != "hmac" && family != "hash" {
		one.Scheme.Alg, one.Scheme.Key, one.Scheme.KeySrc = "hmac-sha256", "", ""
	}
	if one.Scheme.TS != nil && strings.Contains(one.Scheme.TS.From, "|") {
		one.Scheme.TS = nil // what is signed has it
	}
	at, _, _ := strings.Cut(p.Scheme.Sig[0], "|")
	one.Scheme.Sig = signature.Strings{at}
	if p.Code != "each" {
		one.Code = ""
	}
	return &one
}

// moved is a cut: what is between the two values is in the second one too.
type moved struct{ first, between, second string }

var placeholder = regexp.MustCompile(`\{([a-z_]+(?::[^{}|]*?)?)(\|[^{}]*)?\??\}`)

// cutsOf lists the cuts of a message, of each value that the sender chooses with each later one.
func cutsOf(p *provider.Preset, message string) []moved {
	found := placeholder.FindAllStringSubmatchIndex(message, -1)
	var cuts []moved
	for i, first := range found {
		for _, second := range found[i+1:] {
			a, b := chosen(p, message, first), chosen(p, message, second)
			if a != "" && b != "" && !strings.Contains(message[first[1]:second[0]], "{secret}") {
				cuts = append(cuts, moved{a, message[first[1]:second[0]], b})
			}
		}
	}
	return cuts
}

// chosen is the location of a value that the sender chooses freely, or empty.
func chosen(p *provider.Preset, message string, at []int) string {
	name := message[at[2]:at[3]]
	kind, _, _ := strings.Cut(name, ":")
	fixed := slices.Contains([]string{"secret", "cfg", "method", "path", "url_noquery"}, kind)
	if fixed || at[4] >= 0 || isTime(p.Scheme.TS, name) {
		return ""
	}
	return name
}

// requests says of the captured request and of the cut one whether they are accepted.
func (m moved) requests(t *testing.T, p *provider.Preset) (captured, cut bool) {
	t.Helper()
	o := optionsFor(t, p)
	source, err := provider.New(p, o)
	require.NoError(t, err, p.ID)
	r := sampleOf(t, p, o)
	sign(t, p, o, r) // for the values between the two
	between := strings.NewReplacer("{?", "", ";?}", ";", "\n?}", "\n").Replace(placeholder.ReplaceAllStringFunc(m.between, func(one string) string {
		return valueAt(p, o, r, placeholder.FindStringSubmatch(one)[1])
	}))
	head, tail := `{"note":"`, `"}`
	putAt(t, p, r, m.second, head+between+tail)
	sign(t, p, o, r)
	again := clone(r)
	putAt(t, p, again, m.first, valueAt(p, o, r, m.first)+between+head)
	putAt(t, p, again, m.second, tail)
	at := time.Unix(now, 0)
	return source.Verify(t.Context(), r, at).OK, source.Verify(t.Context(), again, at).OK
}

// captures reads the signature's own values out of its header field.
func captures(p *provider.Preset, r *signature.Request, name string) (header, value string) {
	_, header, _ = strings.Cut(p.Scheme.Sig[0], ":")
	item := p.Scheme.Items[slices.IndexFunc(p.Scheme.Items, func(one string) bool { return strings.Contains(one, "{"+name+"}") })]
	before, after, _ := strings.Cut(item, "{"+name+"}")
	if after == "" {
		after = p.Scheme.Sep
	}
	_, rest, _ := strings.Cut(r.Header.Get(header), before)
	value, _, _ = strings.Cut(rest, after)
	return header, value
}

func valueAt(p *provider.Preset, o provider.Options, r *signature.Request, name string) string {
	if name == "ts" && p.Scheme.TS.From != "sig" {
		name = p.Scheme.TS.From
	}
	kind, arg, _ := strings.Cut(name, ":")
	switch kind {
	case "ts", "nonce", "keyid":
		_, value := captures(p, r, kind)
		return value
	case "cfg":
		return o.Config[arg]
	case "secret":
		return o.Secrets[0]
	case "method":
		return r.Method
	case "path":
		return r.Path
	case "url":
		return r.RawQuery
	}
	expr, _ := signature.CompileExpr(signature.Strings{name})
	return expr.Eval(r)
}

func putAt(t *testing.T, p *provider.Preset, r *signature.Request, name, value string) {
	t.Helper()
	if name == "ts" && p.Scheme.TS.From != "sig" {
		name = p.Scheme.TS.From
	}
	kind, arg, _ := strings.Cut(name, ":")
	switch kind {
	case "nonce", "ts":
		header, old := captures(p, r, kind)
		r.Header.Set(header, strings.Replace(r.Header.Get(header), old, value, 1))
	case "url", "pathq":
		r.RawQuery = value
	case "header":
		r.Header[http.CanonicalHeaderKey(arg)] = []string{value}
	case "query":
		query, err := url.ParseQuery(r.RawQuery)
		require.NoError(t, err)
		query.Set(arg, value)
		r.RawQuery = query.Encode()
	case "form":
		form, err := url.ParseQuery(string(r.Body))
		require.NoError(t, err)
		form.Set(arg, value)
		r.Body = []byte(form.Encode())
	case "json":
		r.Body = rewritten(t, r.Body, arg, value)
	case "formjson":
		form, err := url.ParseQuery(string(r.Body))
		require.NoError(t, err)
		field, path, _ := strings.Cut(arg, "/")
		form.Set(field, string(rewritten(t, []byte(form.Get(field)), path, value)))
		r.Body = []byte(form.Encode())
	case "body":
		r.Body = []byte(value)
	default:
		require.Fail(t, "unknown place", "%s: %s", p.ID, name)
	}
}

// rewritten is a document with another value at a place.
func rewritten(t *testing.T, document []byte, path, value string) []byte {
	t.Helper()
	var node any
	require.NoError(t, json.Unmarshal(document, &node))
	text, err := json.Marshal(replaceIn(node, strings.Split(path, "."), value))
	require.NoError(t, err)
	return text
}

// replaceIn is setIn for a place that has a value.
func replaceIn(node any, path []string, value string) any {
	if len(path) == 0 {
		return value
	}
	if list, ok := node.([]any); ok {
		list[0] = replaceIn(list[0], path[1:], value)
		return list
	}
	object, ok := node.(map[string]any)
	if !ok {
		object = map[string]any{}
	}
	object[path[0]] = replaceIn(object[path[0]], path[1:], value)
	return object
}
