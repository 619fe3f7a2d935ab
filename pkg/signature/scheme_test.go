package signature_test

import (
	"encoding/json"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/signature"
)

func TestStringsAreOneOrMany(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]signature.Strings{
		`"a"`: {"a"}, `["a"]`: {"a"}, `["a","b"]`: {"a", "b"}, `[]`: {},
	} {
		var fromJSON, fromYAML signature.Strings
		require.NoError(t, json.Unmarshal([]byte(text), &fromJSON))
		require.Equal(t, want, fromJSON)
		require.NoError(t, yaml.Unmarshal([]byte(text), &fromYAML))
		require.Equal(t, want, fromYAML)
	}
	var s signature.Strings
	require.Error(t, json.Unmarshal([]byte(`{"a":1}`), &s))
	require.Error(t, yaml.Unmarshal([]byte(`{a: 1}`), &s))
}

func TestASchemeKeepsEveryKnobInYAMLAndInJSON(t *testing.T) {
	t.Parallel()
	tol := 0
	want := signature.Scheme{
		Alg: "hmac-sha1", Sig: signature.Strings{"header:a", "query:b"}, Sep: ",", Group: " ", Items: signature.Strings{"t={ts}", "v1={sig}"},
		Positional: true, Enc: "base64", Msg: "{body}", AltMsg: signature.Strings{"{url}"}, Key: "hex", KeySrc: "jwks:https://a kid=header:k",
		TS:   &signature.Timestamp{From: "sig", Unit: "ms", Tol: &tol},
		Algs: signature.Strings{"HS256"}, Claims: map[string]string{"iss": "a"}, Leeway: 5, Optional: true,
		Bind:        []signature.Bind{{Claim: "c", Over: "{url}", Hash: "sha1", Enc: "hex", Optional: true, OptionalIfEmpty: true}},
		Also:        [][]string{{"body|sha256", "query:h"}},
		URLVariants: signature.Strings{"default-port"},
		AlgHeader:   &signature.AlgHeader{Header: "x", Map: map[string]string{"A": "hmac-sha256"}},
		JSONVariant: &signature.Variant{When: "query:h", Msg: "{url}", Also: [][]string{{"body|sha256", "query:h"}}},
		Alt:         []signature.Scheme{{Alg: "token", Sig: signature.Strings{"header:t"}}}, AltScheme: "other",
		ID: signature.Strings{"json:id"}, Type: signature.Strings{"json:type", "header:t"},
	}

	var fromJSON, fromYAML signature.Scheme
	text, err := json.Marshal(want)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &fromJSON))
	require.Equal(t, want, fromJSON)

	text, err = yaml.Marshal(want)
	require.NoError(t, err)
	require.NoError(t, yaml.UnmarshalWithOptions(text, &fromYAML, yaml.Strict()))
	require.Equal(t, want, fromYAML)
}

func TestCompileListsEveryProblemWithItsField(t *testing.T) {
	t.Parallel()
	bad := -1
	err := signature.Scheme{
		Alg: "hmac-md4", Sig: signature.Strings{"cookie:a"}, Items: signature.Strings{"v1={mac}"}, Enc: "hexadecimal", Msg: "{bdy}",
		AltMsg: signature.Strings{"nothing"}, Key: "rot13", TS: &signature.Timestamp{From: "sig", Unit: "h", Tol: &bad},
		Also: [][]string{{"body"}}, URLVariants: signature.Strings{"upper"}, AltScheme: "gitlab-token",
		Alt: []signature.Scheme{{Alg: "none"}}, ID: signature.Strings{"json:"}, Type: signature.Strings{"nowhere"},
	}.Validate()
	var fields []string
	for _, p := range signature.Problems(err) {
		fields = append(fields, p.Field)
	}
	require.Equal(t, []string{
		"alg", "sig", "items", "enc", "key", "ts.unit", "ts.tol", "ts.from", "msg", "alt_msg", "also[0]", "url_variants",
		"id", "type", "alt_scheme", "alt[0].alg",
	}, fields)
}

func TestCompileRefuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(*signature.Scheme)
		field  string
	}{
		"no algorithm":                   {func(s *signature.Scheme) { s.Alg = "" }, "alg"},
		"an HMAC of MD5":                 {func(s *signature.Scheme) { s.Alg = "hmac-md5" }, "alg"},
		"no location":                    {func(s *signature.Scheme) { s.Sig = nil }, "sig"},
		"all headers":                    {func(s *signature.Scheme) { s.Sig = signature.Strings{"header:*"} }, "sig"},
		"a prefix in the message":        {func(s *signature.Scheme) { s.Msg = "{header:a*}" }, "msg"},
		"items without a signature":      {func(s *signature.Scheme) { s.Items = signature.Strings{"t={ts}"} }, "items"},
		"captures without a text":        {func(s *signature.Scheme) { s.Items = signature.Strings{"{ts}{sig}"} }, "items"},
		"a capture twice":                {func(s *signature.Scheme) { s.Items = signature.Strings{"{sig}.{sig}"} }, "items"},
		"a capture without an end":       {func(s *signature.Scheme) { s.Items = signature.Strings{"{sig"} }, "items"},
		"positions without a second one": {func(s *signature.Scheme) { s.Positional = true }, "items"},
		"a message of nothing":           {func(s *signature.Scheme) { s.Msg = "hello" }, "msg"},
		"a stray brace":                  {func(s *signature.Scheme) { s.Msg = `{"a":{body}}` }, "msg"},
		"an open brace":                  {func(s *signature.Scheme) { s.Msg = "{body" }, "msg"},
		"a brace that closes nothing":    {func(s *signature.Scheme) { s.Msg = "{body}?}" }, "msg"},
		"an open segment":                {func(s *signature.Scheme) { s.Msg = "{?{body}" }, "msg"},
		"a segment that was not opened":  {func(s *signature.Scheme) { s.Msg = "{?{body}{?{url}?}?}" }, "msg"},
		"a placeholder of nothing":       {func(s *signature.Scheme) { s.Msg = "{ts}{body}" }, "msg"},
		"a nonce that is not captured":   {func(s *signature.Scheme) { s.Msg = "{nonce}{body}" }, "msg"},
		"the secret in an HMAC":          {func(s *signature.Scheme) { s.Msg = "{secret}{body}" }, "msg"},
		"a hash without the secret":      {func(s *signature.Scheme) { s.Alg = "hash-sha256" }, "msg"},
		"an unknown filter":              {func(s *signature.Scheme) { s.Msg = "{body|rot13}" }, "msg"},
		"a filter with a bad path":       {func(s *signature.Scheme) { s.Msg = "{header:a|b64json:a...b}" }, "msg"},
		"a filter for answers":           {func(s *signature.Scheme) { s.Msg = "{body|hmac256hex}" }, "msg"},
		"a form field without a path":    {func(s *signature.Scheme) { s.Msg = "{formjson:a}" }, "msg"},
		"a public key for an HMAC":       {func(s *signature.Scheme) { s.Key = "pem" }, "key"},
		"a secret for RSA":               {func(s *signature.Scheme) { s.Alg, s.Key = "rsa-sha256", "whsec" }, "key"},
		"a raw key for RSA":              {func(s *signature.Scheme) { s.Alg, s.Key = "rsa-sha256", "hex" }, "key"},
		"a key source for an HMAC":       {func(s *signature.Scheme) { s.KeySrc = "jwks:https://a" }, "keysrc"},
		"a timestamp from itself":        {func(s *signature.Scheme) { s.TS = &signature.Timestamp{From: "ts"} }, "ts.from"},
		"a message for a token":          {func(s *signature.Scheme) { s.Alg, s.Msg = "token", "{body}" }, "msg"},
		"a JWT of any algorithm":         {func(s *signature.Scheme) { s.Alg = "jwt" }, "algs"},
		"a JWT of no algorithm":          {func(s *signature.Scheme) { s.Alg, s.Algs = "jwt", signature.Strings{"none"} }, "algs"},
		"a JWT of both families":         {func(s *signature.Scheme) { s.Alg, s.Algs = "jwt", signature.Strings{"HS256", "RS256"} }, "algs"},
		"an encoding for a JWT":          {func(s *signature.Scheme) { s.Alg, s.Algs, s.Enc = "jwt", signature.Strings{"HS256"}, "hex" }, "enc"},
		"leeway of an hour":              {func(s *signature.Scheme) { s.Alg, s.Algs, s.Leeway = "jwt", signature.Strings{"HS256"}, 3600 }, "leeway"},
		"a claim bound by an unknown hash": {func(s *signature.Scheme) {
			s.Alg, s.Algs, s.Bind = "jwt", signature.Strings{"HS256"}, []signature.Bind{{Claim: "a", Hash: "crc"}}
		}, "bind[0].hash"},
		"a header that chooses another family": {func(s *signature.Scheme) {
			s.AlgHeader = &signature.AlgHeader{Header: "a", Map: map[string]string{"x": "token"}}
		}, "alg_header.map"},
		"alternates of alternates": {func(s *signature.Scheme) {
			s.Alt = []signature.Scheme{{Alg: "token", Sig: signature.Strings{"header:a"}, Alt: []signature.Scheme{simple()}}}
		}, "alt[0].alt"},
		"an alternate that lets all in": {func(s *signature.Scheme) {
			s.Alt = []signature.Scheme{{Alg: "hmac-sha1", Sig: signature.Strings{"header:a"}, Optional: true}}
		}, "alt[0].alg"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problems := signature.Problems(with(tc.change).Validate())
			require.NotEmpty(t, problems)
			require.Equal(t, tc.field, problems[0].Field, problems[0].Text)
			require.Contains(t, problems[0].Error(), problems[0].Text)
		})
	}
}

func TestAVerifierSaysWhatItNeeds(t *testing.T) {
	t.Parallel()
	b := setup(t, with(func(s *signature.Scheme) { s.Msg = "{cfg:b}{cfg:a}{cfg:b}{url}{body}" }))
	require.True(t, b.verifier.NeedsPublicURL())
	require.True(t, b.verifier.NeedsSecret())
	require.False(t, b.verifier.Open())
	require.Equal(t, []string{"a", "b"}, b.verifier.ConfigNames())

	none, err := signature.Compile(signature.Scheme{Alg: "none"})
	require.NoError(t, err)
	require.True(t, none.Open())
	require.False(t, none.NeedsSecret())
	require.Equal(t, "none", none.Scheme().Alg)
}
