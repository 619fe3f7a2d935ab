package template_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/template"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func sample() *event.Event {
	return &event.Event{
		Source: "shop", Type: "order.paid", Body: []byte(`{"id": 7, "name": "a/b c?é", "vip": true, "rate": 1.5, "none": null, "list": [1], "empty": "", "dots": "..", "up": "x/../y"}`),
		Request: event.Request{Header: []event.Field{{Name: "X-Region", Value: "eu"}}},
	}
}

func TestATemplateIsFilledWithValuesOfTheEvent(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "/orders": "/orders", "/orders/{body.id}": "/orders/7", "/{source}/{type}": "/shop/order.paid", "/n/{body.name}": "/n/a%2Fb%20c%3F%C3%A9",
		"/{body.vip}-{body.rate}": "/true-1.5", `/{headers["x-region"]}`: "/eu", `/{{"a": body.id}.a}`: "/7", `/{"}{"}/x`: "/%7D%7B/x", `/{'\'}' + source}`: "/%27%7Dshop",
		`/{body.?missing.orValue("unknown")}`: "/unknown", "/{ body.id + 1 }": "/8",
	} {
		filled, err := template.Compile(text)
		require.NoError(t, err, text)
		got, present, err := filled.Fill(t.Context(), sample(), template.PathSegment)
		require.NoError(t, err, text)
		require.True(t, present)
		require.Equal(t, want, got, text)
	}
}

func TestATemplateWithoutAValueIsNotPresentOrFails(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"{body.none}", "{body.?missing}"} {
		lone, err := template.Compile(text)
		require.NoError(t, err)
		_, present, err := lone.Fill(t.Context(), sample(), template.Plain)
		require.NoError(t, err)
		require.False(t, present)
		more, err := template.Compile("a" + text)
		require.NoError(t, err)
		_, _, err = more.Fill(t.Context(), sample(), template.Plain)
		require.ErrorContains(t, err, "an expression of the template has no value")
	}
}

func TestATemplateThatFailsQuotesNothingOfTheEvent(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text, want string
		escape     template.Escape
	}{
		{"/{body.missing}", "no such key: missing", template.PathSegment},
		{"/{body.list}", "the result is neither text nor a number nor a truth value", template.PathSegment},
		{"/{body.empty}", "a value for the path is empty", template.PathSegment},
		{"/{body.dots}", "leads out of its place", template.PathSegment},
		{"/{body.up}", "leads out of its place", template.PathSegment},
		{`{body.name + "\r\nX-Forged: 1"}`, "characters that a field cannot have", template.Field},
	} {
		filled, err := template.Compile(tc.text)
		require.NoError(t, err, tc.text)
		_, _, err = filled.Fill(t.Context(), sample(), tc.escape)
		require.ErrorContains(t, err, tc.want, tc.text)
		require.NotContains(t, err.Error(), "a/b")
	}
}

func TestATemplateIsRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"/{body.id": "there is a { without a }", "/body.id}": "there is a } without a {", "/{}": "{}: there is no expression", "/{bdy.id}": "{bdy.id}: 1:1: undeclared reference to 'bdy' (did you mean 'body'?)",
		"/{[1]}": "the result must be text, a number or a truth value, it is a list(int)", `/{"a}`: "there is a { without a }",
	} {
		_, err := template.Compile(text)
		require.ErrorContains(t, err, want, text)
	}
}

func TestNoValueLeavesItsSegment(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(rapid.String(), rapid.StringMatching(`[./\\%a2fF5cCeE]{0,8}`)).Draw(t, "value")
		segment, err := template.PathSegment(value)
		if err != nil {
			return
		}
		u, err := url.ParseRequestURI("http://host.example/a/" + segment + "/b")
		require.NoError(t, err)
		require.Equal(t, "host.example", u.Host)
		require.Empty(t, u.RawQuery)
		require.Equal(t, 3, strings.Count(u.EscapedPath(), "/"))
		require.NotContains(t, strings.FieldsFunc(u.Path, func(r rune) bool { return r == '/' || r == '\\' }), "..")
	})
}

func TestAPathWithASegmentOfDotsIsRefused(t *testing.T) {
	t.Parallel()
	for path, ok := range map[string]bool{"/a/b": true, "/a/..b": true, "/a/..": false, "/./a": false, "/%2e%2E/a": false, "/.%2e": false, "/%": false} {
		require.Equal(t, ok, template.CheckPath(path) == nil, path)
	}
}
