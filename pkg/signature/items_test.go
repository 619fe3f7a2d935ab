package signature_test

import (
	"encoding/json"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/signature"
)

func TestItemsAreThoseOfTheList(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][]string{
		`{"list":[1, {"a":[2]} ,"x]"]}`: {`1`, `{"a":[2]}`, `"x]"`},
		`{"a":{"list":[1]},"list":[ ]}`: nil,
		`{"list":{"0":1}}`:              nil,
		`{"list":[1],"list":[2]}`:       nil,
		`{"list":[1,]}`:                 nil,
		`[1]`:                           nil,
		``:                              nil,
	} {
		var got []string
		for item := range signature.Items([]byte(body), "list") {
			got = append(got, string(item))
		}
		require.Equal(t, want, got, body)
	}
	require.Len(t, slices.Collect(first(signature.Items([]byte(`{"list":[1,2]}`), "list"))), 1)
}

func first(of func(func([]byte) bool)) func(func([]byte) bool) {
	return func(yield func([]byte) bool) { of(func(item []byte) bool { yield(item); return false }) }
}

// FuzzTextsAreDecodedAsByPackageJSON holds but for bytes that are no UTF-8: they stay.
func FuzzTextsAreDecodedAsByPackageJSON(f *testing.F) {
	for _, text := range []string{`a`, `\"\\\/\b\f\n\r\t`, `\u0041\u00e9\u20ac`, `\ud83d\ude00`, `\ud83d`, `\ude00\ud83d`, `\ud83d\u0041`, `\\u0041`, `\ud83d\ud83d\ude00`} {
		f.Add(text)
	}
	expr, err := signature.CompileExpr(signature.Strings{"json:a"})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, text string) {
		var want string
		if !utf8.ValidString(text) || json.Unmarshal([]byte(`"`+text+`"`), &want) != nil {
			return
		}
		if got := expr.Eval(&signature.Request{Body: []byte(`{"a":"` + text + `"}`)}); got != want {
			t.Fatalf("%q: got %q, want %q", text, got, want)
		}
	})
}
