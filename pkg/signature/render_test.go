package signature_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/signature"
)

func TestTemplatesRenderEveryPlaceholderAndFilter(t *testing.T) {
	t.Parallel()
	r := &signature.Request{
		Method: "PUT", PublicURL: "https://a.example/in/x", Path: "/elsewhere", RawQuery: "b=1&a=%2F", Config: map[string]string{"app": "k"},
		Header: http.Header{"H": {`quo"te`}}, Body: []byte("b=2&a=1"),
	}
	for text, want := range map[string]string{
		"{method} {path} {pathq}":         "PUT /in/x /in/x?b=1&a=%2F",
		"{url} {url_noquery}":             "https://a.example/in/x?b=1&a=%2F https://a.example/in/x",
		"{body}|{body}":                   "b=2&a=1|b=2&a=1",
		"{form_sorted}{cfg:app}":          "a1b2k",
		"{query:a}{form:b}":               "/2",
		"{query:none?}.":                  ".",
		"{query:none?|lower}.":            ".",
		"{query:none|lower?}.":            ".",
		"{?a{query:a}b?}{?c{query:z}d?}e": "a/be",
		"{header:h|json}":                 `"quo\"te"`,
		`{"type":1,"h":{header:h|json}}`:  `{"type":1,"h":"quo\"te"}`,
		"{secret}":                        "key",
		"{body|md5}":                      "9ac09339acdce71b96140c24e6915578",
		"{cfg:app|sha1}":                  "13fbd79c3d390e5d6585a21e11ff5ec1970cff0c",
		"{cfg:app|sha256}":                "8254c329a92850f6d539dd376f4816ee2764517da5e0235514af433164480d7a",
		"{cfg:app|sha256b64}":             "glTDKakoUPbVOd03b0gW7idkUX2l4CNVFK9DMWRIDXo=",
		"{cfg:app|md5b64}":                "jOSxayK1iJSqhsQh6HWd8w==",
		"{cfg:app|crc32}":                 "140662621",
		"{cfg:app|upper}{method|lower}":   "Kput",
		"{cfg:app|b64}{cfg:app|b64url}":   "aw==aw",
		"{query:a|b64|b64url}":            "THc9PQ",
		"{cfg:app|hmac256hex}":            "96d05594becaaf82e23decfed6f4410053e3ae0f29db5a6758a429f99f9028f2",
		"{cfg:app|hmac256b64}":            "ltBVlL7Kr4LiPez+1vRBAFPjrg8p21pnWKQp+Z+QKPI=",
		"{cfg:app|hmac1hex}":              "cdd192b37afea08cda27f8ad6d02980895bc112e",
		"{cfg:app|sha512}":                "2af8a9104b3f64ed640d8c7e298d2d480f03a3610cbc2b33474321ec59024a48592ea8545e41e09d5d1108759df48ede0054f225df39d4f0f312450e0aa9dd25",
	} {
		compiled, err := signature.CompileTemplate(text)
		require.NoError(t, err, text)
		got, err := compiled.Render(r, []byte("key"))
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
}

func TestTemplatesFailOnWhatIsAbsent(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"{query:a}", "{url}", "{secret}", "{json:a}", "{header:a|urldecode}", "{form:a}", "{cfg:a}", "{header:a|b64json:x}"} {
		compiled, err := signature.CompileTemplate(text)
		require.NoError(t, err, text)
		_, err = compiled.Render(&signature.Request{}, nil)
		require.ErrorContains(t, err, "missing-value", text)
	}
	compiled, err := signature.CompileTemplate("{header:a?}{?{header:a}?}")
	require.NoError(t, err)
	_, err = compiled.Render(&signature.Request{Header: http.Header{"A": {"1", "2"}}}, nil)
	require.ErrorContains(t, err, "ambiguous-value")
}

func TestTemplatesRefuse(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"{ts}", "{nonce}", "{a", "{body|}", "{? {body}", "{?{?{body}?}?}", "{header:}", "{query}"} {
		_, err := signature.CompileTemplate(text)
		require.Error(t, err, text)
	}
}
