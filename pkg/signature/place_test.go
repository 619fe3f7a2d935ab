package signature_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/signature"
)

func TestASchemeSaysWhereItsSecretTravels(t *testing.T) {
	t.Parallel()
	at := func(kind signature.PlaceKind, name string) signature.Place {
		return signature.Place{Kind: kind, Name: name}
	}
	for name, tc := range map[string]struct {
		scheme signature.Scheme
		want   []signature.Place
	}{
		"a signature": {signature.Scheme{Alg: "hmac-sha256", Sig: signature.Strings{"header:x-sig"}}, nil},
		"a token":     {signature.Scheme{Alg: "token", Sig: signature.Strings{"header:x-gitlab-token"}}, []signature.Place{at("header", "X-Gitlab-Token")}},
		"in two places": {
			signature.Scheme{Alg: "token", Sig: signature.Strings{"header:{cfg:h}", "query:token"}},
			[]signature.Place{at("header", http.CanonicalHeaderKey("{cfg:h}")), at("query", "token")},
		},
		"in the body": {
			signature.Scheme{Alg: "token", Sig: signature.Strings{"json:a.0.b", "jsonraw:c", "form:d", "formjson:e/f", "body"}},
			[]signature.Place{at("json", "a.0.b"), at("json", "c"), at("form", "d"), at("form", "e"), at("body", "")},
		},
		"behind filters": {signature.Scheme{Alg: "token", Sig: signature.Strings{"header:x-a|b64json:token"}}, []signature.Place{at("header", "X-A")}},
		"an alternate": {
			signature.Scheme{Alg: "hmac-sha256", Sig: signature.Strings{"header:s"}, Alt: []signature.Scheme{{Alg: "token", Sig: signature.Strings{"header:t"}}}},
			[]signature.Place{at("header", "T")},
		},
		"a setting": {
			signature.Scheme{Alg: "hmac-sha256", Sig: signature.Strings{"header:s"}, Also: [][]string{{"header:x-password", "cfg:password"}, {"body|sha256", "query:b"}}},
			[]signature.Place{at("header", "X-Password")},
		},
	} {
		require.Equal(t, tc.want, tc.scheme.Credentials(), name)
	}
}

func TestATokenIsInAPlaceThatCanBeHidden(t *testing.T) {
	t.Parallel()
	for _, location := range []string{"url", "pathq", "path", "method", "form_sorted"} {
		err := signature.Scheme{Alg: "token", Sig: signature.Strings{location}}.Validate()
		require.ErrorContains(t, err, "cannot hold a token", location)
	}
	require.NoError(t, signature.Scheme{Alg: "token", Sig: signature.Strings{"header:x-token-*"}}.Validate())
}

func TestATokenIsWrittenBackWhereItWas(t *testing.T) {
	t.Parallel()
	token := signature.Scheme{Alg: "token", Sig: signature.Strings{"json:t", "header:authorization", "query:t"}, Items: signature.Strings{"Basic {sig}"}}
	signed := signature.Scheme{Alg: "hmac-sha256", Sig: signature.Strings{"header:x-sig"}, Alt: []signature.Scheme{token}}
	for name, tc := range map[string]struct {
		scheme signature.Scheme
		header http.Header
		want   string
	}{
		"a token":             {token, nil, "Basic new"},
		"an alternate":        {signed, http.Header{}, "Basic new"},
		"a signature instead": {signed, http.Header{"X-Sig": {"00"}}, ""},
		"in the body":         {signature.Scheme{Alg: "token", Sig: signature.Strings{"json:t"}}, http.Header{}, ""},
	} {
		v, err := signature.Compile(tc.scheme)
		require.NoError(t, err, name)
		keys, err := v.Keys("new", "old")
		require.NoError(t, err, name)
		r := &signature.Request{Header: tc.header}
		require.NoError(t, v.WriteToken(r, keys), name)
		require.Equal(t, tc.want, r.Header.Get("Authorization"), name)
		require.Empty(t, r.RawQuery, name)
	}
}
