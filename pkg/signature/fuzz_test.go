package signature_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/signature"
)

// FuzzGrammar reads any header with any items: it must not panic, and what it accepts must hold
// the signature.
func FuzzGrammar(f *testing.F) {
	for _, seed := range [][4]string{
		{",", "", "t={ts}|v1={sig}", "t=1700000000,v1=SIG"}, {" ", "", "v1,{sig}", "v1,SIG v1a,SIG"}, {",", " ", "t={ts}|v1={sig}", "t=1,v1=2 t=1,v1=SIG"},
		{"", "", "Bearer {sig}|{sig}", "Bearer SIG"}, {"&", "", "{keyid}\x00{sig}", "k\x00SIG"}, {"", "", "{scheme} {keyid}:{sig}", "A b:SIG"},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3], false)
		f.Add(seed[0], seed[1], seed[2], seed[3], true)
	}
	f.Fuzz(func(t *testing.T, sep, group, items, header string, positional bool) {
		s := simple()
		s.Sep, s.Group, s.Items, s.Positional = sep, group, strings.Split(items, "|"), positional
		v, err := signature.Compile(s)
		if err != nil {
			require.NotEmpty(t, signature.Problems(err))
			return
		}
		keys, err := v.Keys("secret")
		require.NoError(t, err)
		signed := setup(t, simple()).signed().request
		sum := signed.Header.Get("X-Signature")
		signed.Header["X-Signature"] = []string{strings.ReplaceAll(header, "SIG", sum)}
		if v.Verify(signed, keys, time.Unix(1_700_000_000, 0)).OK {
			require.Contains(t, strings.ToLower(signed.Header["X-Signature"][0]), sum)
		}
	})
}

// FuzzTemplate renders any template over any request: it must not panic, and must always render
// the same.
func FuzzTemplate(f *testing.F) {
	for _, seed := range []string{
		"{ts}.{body}", "{? a {query:a} ?}{body|sha256}", "{json:a.b?|lower}", "{formjson:a/b.c}", "{url}{form_sorted}", `{"a":{json:a|json}}`,
		"{header:x|b64json:a.b}", "{header:x|jwt:a}", "{cfg:a}{secret}{method}{pathq}", "{body|hmac256hex|urldecode|b64|b64url|crc32}",
	} {
		f.Add(seed, "a=1&b=%20", "eyJhIjp7ImIiOjF9fQ", []byte(`{"a":{"b":"c"}}`))
	}
	f.Fuzz(func(t *testing.T, text, query, header string, body []byte) {
		r := &signature.Request{
			Method: "POST", PublicURL: "https://a.example/" + query, RawQuery: query, Body: body,
			Header: http.Header{"X": {header}, "Content-Type": {header}}, Config: map[string]string{"a": header},
		}
		compiled, err := signature.CompileTemplate(text)
		if err == nil {
			first, firstErr := compiled.Render(r, []byte("key"))
			second, secondErr := compiled.Render(r, []byte("key"))
			require.Equal(t, first, second)
			require.Equal(t, firstErr, secondErr)
		}
		s := simple()
		s.Msg = text
		if v, err := signature.Compile(s); err == nil {
			keys, err := v.Keys("secret")
			require.NoError(t, err)
			r.Header["X-Signature"] = []string{strings.Repeat("00", 32)}
			require.False(t, v.Verify(r, keys, time.Unix(0, 0)).OK)
		}
	})
}

// FuzzJSONPath compares every lookup with encoding/json: a value that is found must be the one
// that it finds.
func FuzzJSONPath(f *testing.F) {
	for _, seed := range [][2]string{
		{"a.b", `{"a":{"b":"c"}}`}, {"0.a", `[{"a":1.5e3}]`}, {"a", `{"a":"\u00e9\n\ud83d\ude00"}`}, {"a", `{"a":1,"a":2}`}, {`a\.b`, `{"a.b":true}`},
		{"a..b", `{"a":[{"b":{"b":1}}]}`}, {"a.b", `{"a":null}`}, {"\\\\", `{"\\":[1,2,{}]}`}, {`.a\.b`, `{"a.b":true}`}, {"a", "\xef\xbb\xbf{\"a\":\"\xff\"}"},
	} {
		f.Add(seed[0], []byte(seed[1]))
	}
	f.Fuzz(func(t *testing.T, path string, body []byte) {
		e, err := signature.CompileExpr(signature.Strings{"json:" + path})
		if err != nil || strings.ContainsAny(path, "|+?") || !utf8.ValidString(path) {
			return
		}
		got := e.Eval(&signature.Request{Body: body})
		if got == "" || strings.Contains(path, "..") || strings.TrimSpace(path) != path {
			return
		}
		var value any
		decoder := json.NewDecoder(strings.NewReader(strings.TrimPrefix(string(body), "\xef\xbb\xbf")))
		decoder.UseNumber()
		require.NoError(t, decoder.Decode(&value), "%q", body)
		switch want := at(value, keysOf(path)).(type) {
		case string:
			require.Equal(t, want, string([]rune(got)), "as encoding/json replaces what is not UTF-8")
		case json.Number:
			require.Equal(t, want.String(), got)
		case bool:
			require.Equal(t, strconv.FormatBool(want), got)
		case nil:
			t.Fatalf("found %q in %q at %q", got, body, path)
		default:
			require.True(t, json.Valid([]byte(got)))
		}
	})
}

// keysOf splits a path at its dots.
func keysOf(path string) []string {
	keys := []string{""}
	for i := 0; i < len(path); i++ {
		last := len(keys) - 1
		switch {
		case path[i] == '\\' && i+1 < len(path):
			i++
			keys[last] += path[i : i+1]
		case path[i] == '.':
			keys = append(keys, "")
		default:
			keys[last] += path[i : i+1]
		}
	}
	return keys
}

func at(value any, keys []string) any {
	for _, key := range keys {
		switch node := value.(type) {
		case map[string]any:
			value = node[key]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i < 0 || i >= len(node) {
				return nil
			}
			value = node[i]
		default:
			return nil
		}
	}
	return value
}

// FuzzVerify gives any request to many schemes: nothing may panic, and nothing may be accepted,
// for nobody has signed it.
func FuzzVerify(f *testing.F) {
	var verifiers []*signature.Verifier
	var keys []signature.Keys
	for name, s := range symmetric() {
		if name == "form" {
			s.Sig = append(s.Sig, "header:x-signature-*", "body")
		}
		v, err := signature.Compile(s)
		require.NoError(f, err)
		k, err := v.Keys("c2VjcmV0c2VjcmV0", "b3RoZXJvdGhlcg==")
		require.NoError(f, err)
		verifiers, keys = append(verifiers, v), append(keys, k)
	}
	f.Add("stripe-signature: t=1,v1=00\nx-signature-1: 00", "sig=00&id=1", []byte(`{"signature":{"sig":"00","ts":"1"},"items":[{"token":"t"}]}`))
	f.Add("authorization: Bearer e30.e30.e30\ns: bjpr\nt: 2023-11-14T22:13:20Z", "", []byte("payload=1&sig=00&json=%7B%22event%22%3A%7B%22hash%22%3A%2200%22%7D%7D"))
	f.Add("content-type: multipart/form-data; boundary=B\nwebhook-signature: v1,AA==\nwebhook-timestamp: 1", "a", []byte("--B\r\n\r\n--B--"))
	f.Fuzz(func(t *testing.T, headers, query string, body []byte) {
		r := &signature.Request{Method: "POST", PublicURL: "https://a.example/", RawQuery: query, Header: http.Header{}, Body: body}
		for line := range strings.SplitSeq(headers, "\n") {
			name, value, _ := strings.Cut(line, ": ")
			r.Header.Add(name, value)
		}
		for i, v := range verifiers {
			got := v.Verify(r, keys[i], time.Unix(1_700_000_000, 0))
			require.False(t, got.OK, "%s accepted %q %q %q", v.Scheme().Alg, headers, query, body)
			require.Contains(t, signature.Reasons(), got.Reason)
		}
	})
}
