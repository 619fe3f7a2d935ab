package credential_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/penstock/penstock/pkg/credential"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/signature"
)

const secret = "private-token"

// places reads locations as a scheme has them.
func places(t require.TestingT, locations ...string) credential.Places {
	var p credential.Places
	for _, location := range locations {
		place, ok := signature.ParsePlace(location)
		require.True(t, ok, location)
		p.List = append(p.List, place)
	}
	return p
}

func TestCredentialsAreTakenOutOfHeaderAndQuery(t *testing.T) {
	t.Parallel()
	r := event.Request{Query: "a=1&t%6Fken=x&b=%20&tokens=1&%zz=1", Header: []event.Field{
		{Name: "X-Gitlab-Token", Value: secret}, {Name: "X-Kept", Value: "1"}, {Name: "X_Gitlab_Token", Value: secret},
		{Name: "X-Sig-1", Value: secret}, {Name: "X-Kept", Value: "2"},
	}}
	before := append([]event.Field(nil), r.Header...)
	old := r
	places(t, "header:x-gitlab-token", "header:x-sig-*", "query:token").Strip(&r)
	require.Equal(t, "a=1&b=%20&tokens=1", r.Query)
	require.Equal(t, []event.Field{{Name: "X-Kept", Value: "1"}, {Name: "X-Kept", Value: "2"}}, r.Header)
	require.Equal(t, before, old.Header, "the original was changed")
}

func TestWhatWasTakenOutHasItsPlaceInACommand(t *testing.T) {
	t.Parallel()
	p := places(t, "header:x-gitlab-token", "header:x-sig-*", "query:token")
	require.Equal(t, []event.Field{{Name: "X-Gitlab-Token", Value: credential.Redacted}}, p.Fields())
	p.Guessed = true
	require.Empty(t, p.Fields())
}

func TestAViewHidesWhereverTheTokenIs(t *testing.T) {
	t.Parallel()
	const form = "application/x-www-form-urlencoded"
	for name, tc := range map[string]struct {
		at, contentType, body, want string
	}{
		"a member":            {"json:token", "", ` {"a" : 1,  "token" : "private-token", "b":[]} `, ` {"a" : 1,  "token" : "[redacted]", "b":[]} `},
		"with escapes":        {"json:token", "", `{"tok\u0065n":"private\u002dtoken"}`, `{"tok\u0065n":"[redacted]"}`},
		"twice":               {"json:token", "", `{"token":"private-token","token":"private-token"}`, `{"token":"[redacted]","token":"[redacted]"}`},
		"in every item":       {"json:value.0.state", "", `{"value":[{"state":"private-token"},{"n":1},{"state":"private-token"}]}`, `{"value":[{"state":"[redacted]"},{"n":1},{"state":"[redacted]"}]}`},
		"at any depth":        {"json:..token", "", `{"a":{"token":"private-token","b":[{"token":"private-token"}]}}`, `{"a":{"token":"[redacted]","b":[{"token":"[redacted]"}]}}`},
		"a number":            {"json:token", "", `{"token":12345}`, `{"token":"[redacted]"}`},
		"an object":           {"json:token", "", `{"token":{"x":["private-token"]},"b":1}`, `{"token":"[redacted]","b":1}`},
		"after a BOM":         {"json:token", "", "\ufeff{\"token\":\"private-token\"}", "\ufeff{\"token\":\"[redacted]\"}"},
		"through a filter":    {"json:token|b64", "", `{"token":"private-token"}`, `{"token":"[redacted]"}`},
		"raw":                 {"jsonraw:token", "", `{"token":"private-token"}`, `{"token":"[redacted]"}`},
		"absent":              {"json:token", "", `{"other":1}`, `{"other":1}`},
		"empty":               {"json:token", "", "", ""},
		"broken":              {"json:token", "", `{"token":"private-token"`, "[redacted]"},
		"two documents":       {"json:token", "", `{} {"token":"private-token"}`, "[redacted]"},
		"in UTF-16":           {"json:token", "", "\xff\xfe{\x00\"\x00t\x00", "[redacted]"},
		"compressed":          {"json:token", "", "\x1f\x8b\x08private-token", "[redacted]"},
		"too deep":            {"json:token", "", strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000), "[redacted]"},
		"a field":             {"form:token", form, "a=1&t%6Fken=private-token&b=%C3%A9", "a=1&t%6Fken=%5Bredacted%5D&b=%C3%A9"},
		"a broken form":       {"form:token", form, "token=private-token&b=%zz", "[redacted]"},
		"a multipart form":    {"form:token", "multipart/form-data; boundary=x", "--x\r\nprivate-token", "[redacted]"},
		"JSON in a field":     {"formjson:payload/token", form, `payload=%7B%22token%22%3A%22private-token%22%7D&a=1`, "payload=%5Bredacted%5D&a=1"},
		"an element":          {"xml:Id", "", `<a:E xmlns:a="x"><a:Id n="1">private-token</a:Id><b>1</b><Id><![CDATA[private-token]]></Id></a:E>`, `<a:E xmlns:a="x"><a:Id n="1">[redacted]</a:Id><b>1</b><Id>[redacted]</Id></a:E>`},
		"broken XML":          {"xml:Id", "", `<E><Id>private-token`, "[redacted]"},
		"the body":            {"body", "", "private-token", "[redacted]"},
		"a header, not there": {"header:x-token", "", "private", "private"},
	} {
		e := &event.Event{Body: []byte(tc.body), Request: event.Request{Header: []event.Field{{Name: "Content-Type", Value: tc.contentType}}}}
		shown := places(t, tc.at).View(e)
		require.Equal(t, tc.want, string(shown.Body), name)
		require.Equal(t, tc.body, string(e.Body), name)
	}
}

func TestAViewHidesHeaderAndQuery(t *testing.T) {
	t.Parallel()
	e := &event.Event{Body: []byte("{}"), Request: event.Request{Query: "a=1&token=private-token", Header: []event.Field{
		{Name: "X_Token", Value: secret}, {Name: "X-Token", Value: secret}, {Name: "X-Other", Value: "o"},
	}}}
	shown := places(t, "header:x-token", "query:token").View(e)
	require.Equal(t, "a=1&token=[redacted]", shown.Request.Query)
	require.Equal(t, []event.Field{{Name: "X_Token", Value: "[redacted]"}, {Name: "X-Token", Value: "[redacted]"}, {Name: "X-Other", Value: "o"}}, shown.Request.Header)
	require.Equal(t, secret, e.Request.Header[0].Value, "the event was changed")

	unknown := credential.Places{List: []signature.Place{{Kind: signature.InHeader}, {Kind: signature.InQuery}}}
	shown = unknown.View(e)
	require.Equal(t, "a=[redacted]&token=[redacted]", shown.Request.Query)
	require.Equal(t, "[redacted]", shown.Request.Get("X-Other"))
	require.Empty(t, unknown.Named().List)
}

func TestAGuessShowsWhatItCannotRead(t *testing.T) {
	t.Parallel()
	guess := places(t, "json:token")
	guess.Guessed = true
	require.Equal(t, "a=1", string(guess.View(&event.Event{Body: []byte("a=1")}).Body))
	require.JSONEq(t, `{"token":"[redacted]"}`, string(guess.View(&event.Event{Body: []byte(`{"token":1}`)}).Body))
}

// Whatever surrounds the token, it is hidden, and the rest stays the same document.
func TestNothingElseOfADocumentChanges(t *testing.T) {
	t.Parallel()
	value := rapid.OneOf(rapid.Just[any](nil), rapid.Map(rapid.Float64(), func(f float64) any { return f }), rapid.Map(rapid.String(), func(s string) any { return s }))
	rapid.Check(t, func(t *rapid.T) {
		document := map[string]any{}
		for _, name := range rapid.SliceOf(rapid.SampledFrom([]string{"a", "b", "token ", "Token", "é"})).Draw(t, "names") {
			document[name] = rapid.OneOf(value, rapid.Map(rapid.SliceOf(value), func(l []any) any { return l })).Draw(t, "value")
		}
		document["token"] = secret
		body, err := json.MarshalIndent(document, "", rapid.SampledFrom([]string{"", " ", "\t"}).Draw(t, "indent"))
		require.NoError(t, err)
		var got map[string]any
		require.NoError(t, json.Unmarshal(places(t, "json:token").View(&event.Event{Body: body}).Body, &got))
		require.Equal(t, "[redacted]", got["token"])
		delete(got, "token")
		delete(document, "token")
		want, _ := json.Marshal(document)
		have, _ := json.Marshal(got)
		require.Equal(t, string(want), string(have))
	})
}
