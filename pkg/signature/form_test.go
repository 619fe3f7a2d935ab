package signature_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/signature"
)

const urlencoded = "application/x-www-form-urlencoded"

func TestASignatureOfFormFieldsCoversAllThatTheFormSays(t *testing.T) {
	t.Parallel()
	fields := signature.Scheme{Alg: "hmac-sha1", Sig: signature.Strings{"form:sig"}, Msg: "{form:ts}{?{form:a}?}", TS: &signature.Timestamp{From: "form:ts"}}
	partial := fields
	partial.Partial = true
	sorted := signature.Scheme{Alg: "hmac-sha1", Sig: signature.Strings{"header:x-signature"}, Msg: "{form_sorted}"}
	both := sorted
	both.Msg = "{form_sorted}{body}"
	for name, tc := range map[string]struct {
		scheme signature.Scheme
		more   string
		want   signature.Reason
	}{
		"a field that is not signed":           {fields, "&b=1", signature.MalformedBody},
		"a field twice":                        {fields, "&a=1", signature.MalformedBody},
		"a field twice, with another value":    {fields, "&a=2", signature.AmbiguousValue},
		"a broken escape":                      {fields, "&b=%zz", signature.MalformedBody},
		"a broken escape in a name":            {fields, "&%=1", signature.MalformedBody},
		"an empty pair":                        {fields, "&", signature.MalformedBody},
		"no name":                              {fields, "&=1", signature.MalformedBody},
		"a partial form with another field":    {partial, "&b=1", signature.None},
		"a partial form with a broken escape":  {partial, "&b=%zz", signature.MalformedBody},
		"all fields, and a semicolon":          {sorted, ";", signature.Mismatch},
		"all fields, and a broken escape":      {sorted, "&b=%zz", signature.MalformedBody},
		"all fields, and no name":              {sorted, "&=", signature.MalformedBody},
		"all fields, and one in another order": {sorted, "", signature.None},
		"too many fields":                      {sorted, strings.Repeat("&b=1", 10_000), signature.MalformedBody},
		"the body as well":                     {both, "", signature.None},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, tc.scheme).header("content-type", urlencoded).body("a=1").signed()
			b.request.Body = append(b.request.Body, tc.more...)
			if tc.want == signature.None {
				b.accepted()
				return
			}
			b.rejected(tc.want)
		})
	}
}

func TestASignedFormIsUrlencodedAndHasABody(t *testing.T) {
	t.Parallel()
	b := setup(t, signature.Scheme{Alg: "hmac-sha1", Sig: signature.Strings{"header:x-signature"}, Msg: "{form_sorted}"})
	b.header("content-type", urlencoded).body("a=1").signed().accepted()
	b.header("content-type", strings.ToUpper(urlencoded)+" ; charset=utf-8").accepted()
	b.request.Header["Content-Type"] = []string{urlencoded, "application/json"}
	b.rejected(signature.MalformedBody)
	b.header("content-type", "application/json").rejected(signature.MalformedBody)
	b.header("content-type", urlencoded).header("content-encoding", "gzip").rejected(signature.MalformedBody)
	b.request.Header.Del("Content-Encoding")
	b.header("content-type", "multipart/form-data; boundary=B").body("--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--B--\r\n")
	b.rejected(signature.MalformedBody)
	b.header("content-type", urlencoded).body("a=1")
	b.request.Method = http.MethodGet
	b.rejected(signature.MalformedBody)
}

func TestASchemeSaysWhetherItSignsAForm(t *testing.T) {
	t.Parallel()
	for message, want := range map[string][2]bool{
		"": {}, "{body}": {}, "{form:a}{body}": {}, "{formjson:a/b}": {}, "{form:a}": {true, false}, "{url}{form_sorted}": {true, true},
	} {
		signs, others := signature.Scheme{Msg: message}.SignsForm()
		require.Equal(t, want, [2]bool{signs, others}, message)
	}
	_, others := signature.Scheme{Msg: "{form:a}", Partial: true}.SignsForm()
	require.True(t, others)
}

func TestFormFieldsAreAllOfTheBodyOrNone(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		"": true, "a=1&a=2&b=%20": true, "a": true, "a=%zz": false, "a=1&": false, "=1": false, "a=1;b=2": false, "%zz=1": false,
	} {
		fields, ok := signature.FormFields(&signature.Request{Body: []byte(body)})
		require.Equal(t, want, ok, body)
		require.Equal(t, want, fields != nil, body)
	}
	_, ok := signature.FormFields(&signature.Request{Header: http.Header{"Content-Type": {"text/plain"}}, Body: []byte("a=1")})
	require.False(t, ok)
}

func TestAFormThatCannotBeReadHasNoFields(t *testing.T) {
	t.Parallel()
	require.Empty(t, eval(t, &signature.Request{Body: []byte("a=1&b=%zz")}, "form:a"))
	require.Empty(t, eval(t, &signature.Request{Body: []byte("a=1&b=%zz")}, "form:a + form:c?"))
	require.Equal(t, "1", eval(t, &signature.Request{RawQuery: "a=1&b=%zz"}, "query:a"))
	require.Empty(t, eval(t, &signature.Request{RawQuery: "a=1&a=%zz"}, "query:a"))
}

func TestTheTypeOfADocument(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"a":1}`: "object", " [1] ": "array", `"a"`: "string", "12": "number", "true": "boolean", "null": "null", "\xef\xbb\xbf{}": "object",
		"": "", "abc": "", "{": "", "{} {}": "", `{"a":1}x`: "", "0123": "",
	} {
		require.Equal(t, want, eval(t, &signature.Request{Body: []byte(body)}, "body|jsontype"), body)
	}
}
