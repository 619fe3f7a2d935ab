package signature_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/signature"
)

func eval(t *testing.T, r *signature.Request, exprs ...string) string {
	t.Helper()
	e, err := signature.CompileExpr(exprs)
	require.NoError(t, err)
	first := e.Eval(r)
	require.Equal(t, first, e.Eval(r), "evaluating changes nothing")
	return first
}

func TestExprFindsTheFirstResult(t *testing.T) {
	t.Parallel()
	r := &signature.Request{
		Header: http.Header{"X-Id": {"h1"}, "Empty": {""}, "Two": {"a", "b"}}, RawQuery: "q=a%20b&q=a+b&p=1&p=2",
		Body: []byte(`{"id":"j1","action":"paid","n":10.50,"yes":true,"no":null,"list":[{"a":"x"},{"a":"y"}],"o":{"k.l":"dotted"}}`),
	}
	for text, want := range map[string]string{
		"header:x-id":                      "h1",
		"header:X-ID ?? json:id":           "h1",
		"header:absent ?? json:id":         "j1",
		"header:empty ?? json:id":          "j1",
		"header:two ?? json:id":            "j1",
		"header:absent":                    "",
		"json:id + json:action":            "j1.paid",
		"json:id+json:absent":              "",
		"json:id + json:absent?":           "j1",
		"json:absent? + json:absent?":      "",
		"json:n":                           "10.50",
		"json:yes":                         "true",
		"json:no ?? json:id":               "j1",
		"json:list.1.a":                    "y",
		"json:list.2.a":                    "",
		"json:list":                        `[{"a":"x"},{"a":"y"}]`,
		`json:o.k\.l`:                      "dotted",
		"jsonraw:id":                       `"j1"`,
		"json:..a":                         "x",
		"json:list..a":                     "x",
		"json:o..a ?? header:x-id":         "h1",
		"query:q":                          "a b",
		"query:p ?? query:q":               "a b",
		"sha256(body)":                     "5d016d410f625e107258bc7ccfc511e2f1c46437f3c65aa20a1d4363e6a3dbc6",
		"header:absent ?? body|md5":        "f7811f9fa0efdf5cbe93c80eda4bd55f",
		"json:action|upper + json:id":      "PAID.j1",
		"header:x-id|b64json:a ?? json:id": "j1",
	} {
		require.Equal(t, want, eval(t, r, text), text)
	}
	require.Equal(t, "j1", eval(t, r, "header:absent", "json:id"))
	require.Empty(t, eval(t, r))
	require.Empty(t, (*signature.Expr)(nil).Eval(r))
}

func TestExprReadsTokensAndForms(t *testing.T) {
	t.Parallel()
	r := &signature.Request{
		Header: http.Header{"Authorization": {"Bearer e30.eyJqdGkiOiI3IiwiZCI6eyJ4IjoxfX0.sig"}, "Sig": {"eyJraWQiOiJrMSJ9"}},
		Body:   []byte("a=1&json=%7B%22event%22%3A%7B%22t%22%3A%22paid%22%7D%7D&a=1&c"),
	}
	require.Equal(t, "7", eval(t, r, "header:authorization|jwt:jti"))
	require.Equal(t, "1", eval(t, r, "header:authorization|jwt:d.x"))
	require.Equal(t, "k1", eval(t, r, "header:sig|b64json:kid"))
	r.Header.Set("Detached", "eyJraWQiOiJrMSJ9..sig")
	require.Equal(t, "k1", eval(t, r, "header:detached|jwthead:kid"))
	require.Equal(t, "paid", eval(t, r, "formjson:json/event.t"))
	require.Equal(t, "1", eval(t, r, "form:a"))
	require.Empty(t, eval(t, r, "form:c"))
	require.Empty(t, eval(t, r, "formjson:a/event"))
	require.Empty(t, eval(t, r, "header:sig|jwt:jti"))
}

func TestExprReadsMultipartForms(t *testing.T) {
	t.Parallel()
	body := strings.ReplaceAll(`--B
Content-Disposition: form-data; name="json"

{"id":"7"}
--B
Content-Disposition: form-data; name="file"; filename="f"

data
--B--
`, "\n", "\r\n")
	r := &signature.Request{Header: http.Header{"Content-Type": {"multipart/form-data; boundary=B"}}, Body: []byte(body)}
	require.Equal(t, "7", eval(t, r, "formjson:json/id"))
	require.JSONEq(t, `{"id":"7"}`, eval(t, r, "form:json"))
	require.Empty(t, eval(t, r, "form:file"))
	r.Header.Set("Content-Type", "multipart/form-data")
	require.Empty(t, eval(t, r, "form:json"))
}

func TestAFormWithTooManyFieldsHasNone(t *testing.T) {
	t.Parallel()
	r := &signature.Request{Body: []byte("a=1" + strings.Repeat("&b=2", 9_999))}
	require.Equal(t, "1", eval(t, r, "form:a"))
	r.Body = append(r.Body, "&a=2"...)
	require.Empty(t, eval(t, r, "form:a"))
}

func TestExprRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "id", "json:", "json:.a", "json:a.", "json:a...b", "header:", "cookie:a", "secret", "ts", "nonce", "json:a ?? ", "json:a + ",
		"json:" + strings.Repeat("a.", 40) + "a", "header:a|", "header:a|b64json:", "header:a*",
	} {
		_, err := signature.CompileExpr(signature.Strings{text})
		require.Error(t, err, text)
	}
}

func TestJSONThatIsNotQuiteJSONHasNoValues(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		``, `{`, `{"id":"1"`, `{"id":"1"}}`, `{"id":"1",}`, `{"id":"1" "a":2}`, `{id:"1"}`, `{'id':"1"}`, `{"id":"1","n":01}`, `{"id":"1","n":1.}`,
		`{"id":"1","n":.5}`, `{"id":"1","n":1e}`, `{"id":"1","n":+1}`, `{"id":"1","n":-}`, `{"id":"1","n":nul}`, `{"id":"1","n":"` + "\n" + `"}`,
		`{"id":"1","n":[1,]}`, `{"id":"1","n":"\x"}`, `{"id":"1","n":"\u12g4"}`, `{"id":"1","n":"\`, `{"id":"1"} {}`, `{"id":"1","n":` + strings.Repeat("[", 300) + strings.Repeat("]", 300) + `}`,
	} {
		require.Empty(t, eval(t, &signature.Request{Body: []byte(body)}, "json:id"), body)
	}
	for _, body := range []string{
		`{"id":"1"}`, " \t\r\n{ \"id\" : \"1\" } \n", "\xef\xbb\xbf" + `{"id":"1"}`, `{"n":[1,-0.5e+10,{}],"id":"1","m":{"id":[]}}`,
		`{"\u0069d":"\u0031"}`, `{"id":1,"n":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}`,
	} {
		require.Equal(t, "1", eval(t, &signature.Request{Body: []byte(body)}, "json:id"), body)
	}
}

func TestAKeyThatIsThereTwiceIsAmbiguous(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"a":{"b":"1"},"c":{"b":"2"}}`:         "1",
		`{"a":{"b":"1","b":"1"}}`:               "",
		`{"a":{"b":"1"},"a":{}}`:                "",
		`{"a":{},"a":{"b":"1"}}`:                "",
		`{"a":{"b":"1"},"a":null}`:              "",
		`{"a":{"b":"1","\u0062":"2"}}`:          "",
		`{"x":{"a":1,"a":2},"a":{"b":"1"}}`:     "1",
		`{"a":{"b":"1","c":{"b":2,"b":3}}}`:     "1",
		`{"a":{"b":"1"},"z":[{"a":1},{"a":1}]}`: "1",
	} {
		require.Equal(t, want, eval(t, &signature.Request{Body: []byte(body)}, "json:a.b"), body)
	}
	require.Equal(t, "1", eval(t, &signature.Request{Body: []byte(`{"x":[{"b":1},{"b":2}]}`)}, "json:..b"))
}

func TestDeepPathsTakeTheFirstInOrder(t *testing.T) {
	t.Parallel()
	r := &signature.Request{Body: []byte(`{"p":{"b":{"b":"inner","c":"one"}},"b":"last","q":[{"c":"two"}]}`)}
	require.JSONEq(t, `{"b":"inner","c":"one"}`, eval(t, r, "json:..b"))
	require.Equal(t, "inner", eval(t, r, "json:..b..b"))
	require.Equal(t, "one", eval(t, r, "json:..c"))
	require.Equal(t, "two", eval(t, r, "json:q..c"))
	require.Equal(t, "one", eval(t, r, "json:p..b.c"))
}
