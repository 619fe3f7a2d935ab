package place_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/cli/internal/place"
	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

func TestWhatWasSetIsFound(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		exprs signature.Strings
		text  string
		body  string
		kind  string
	}{
		"a header":                    {signature.Strings{"header:x-event"}, "push", "", ""},
		"a header and JSON":           {signature.Strings{"header:x-event + json:action?"}, "issues.opened", `{"a":1}`, ""},
		"a header and no JSON":        {signature.Strings{"header:x-event + json:action?"}, "push", `text`, ""},
		"the first that can be":       {signature.Strings{"json:a.b", "header:x-event"}, "push", `text`, ""},
		"the second alternative":      {signature.Strings{"json:a ?? header:x-event"}, "push", `text`, ""},
		"a place inside":              {signature.Strings{"json:event.0.type"}, "push", `{"b":2}`, ""},
		"a list":                      {signature.Strings{"json:0.type"}, "push", `[{"type":"x"},{}]`, ""},
		"an empty body":               {signature.Strings{"json:type"}, "push", ``, ""},
		"a form":                      {signature.Strings{"form:type"}, "a b", "type=x&c=d", "application/x-www-form-urlencoded"},
		"a query":                     {signature.Strings{"query:type"}, "a&b", "", ""},
		"a type of more words than 2": {signature.Strings{"json:type"}, "a.b.c", `{}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &signature.Request{Header: http.Header{}, Body: []byte(tc.body), RawQuery: "type=old"}
			if tc.kind != "" {
				r.Header.Set("Content-Type", tc.kind)
			}
			require.NoError(t, place.Set(r, tc.exprs, tc.text))
			expr, err := signature.CompileExpr(tc.exprs)
			require.NoError(t, err)
			require.Equal(t, tc.text, expr.Eval(r))
		})
	}
}

func TestNumbersKeepTheirDigits(t *testing.T) {
	t.Parallel()
	r := &signature.Request{Header: http.Header{}, Body: []byte(`{"n": 12345678901234567890.10, "h": "<&>"}`)}
	require.NoError(t, place.Set(r, signature.Strings{"json:type"}, "x"))
	require.True(t, string(r.Body) == `{"h":"<&>","n":12345678901234567890.10,"type":"x"}`, string(r.Body)) //nolint:testifylint // byte for byte
}

func TestWhatCannotBeSetLeavesTheRequestAlone(t *testing.T) {
	t.Parallel()
	for name, exprs := range map[string]signature.Strings{
		"no place":            nil,
		"a filter":            {"json:type|lower"},
		"a function":          {"sha256(body)"},
		"through a text":      {"json:a.b"},
		"behind a list's end": {"json:list.5"},
		"only a part of it":   {"header:x-event + json:a.b"},
		"a form that is none": {"form:type"},
	} {
		r := &signature.Request{Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"a":"text","list":[]}`)}
		require.Error(t, place.Set(r, exprs, "x.y"), name)
		require.JSONEq(t, `{"a":"text","list":[]}`, string(r.Body), name)
		require.Len(t, r.Header, 1, name)
	}
}

func TestAnIDIsSetUnlessItIsThere(t *testing.T) {
	t.Parallel()
	exprs := signature.Strings{"header:x-id ?? header:y-id", "json:id"}
	r := &signature.Request{Header: http.Header{}}
	require.True(t, place.SetHeader(r, exprs, "1"))
	require.Equal(t, http.Header{"X-Id": {"1"}}, r.Header)
	require.True(t, place.SetHeader(r, exprs, "2"))
	require.Equal(t, "1", r.Header.Get("X-Id"))
	require.False(t, place.SetHeader(r, signature.Strings{"json:id"}, "1"))
}

func TestEveryPresetWithASimpleTypeCanHaveASample(t *testing.T) {
	t.Parallel()
	settable := 0
	for _, p := range provider.All() {
		r := &signature.Request{Header: http.Header{}}
		if place.Set(r, p.EventType, "test") == nil {
			settable++
			expr, err := signature.CompileExpr(p.EventType)
			require.NoError(t, err, p.ID)
			require.Contains(t, expr.Eval(r), "test", p.ID)
		}
	}
	require.Greater(t, settable, len(provider.All())/2)
}
