package transform

import (
	"bytes"
	"encoding/json"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// marshalled is what encoding/json makes of a value, without escapes for HTML.
func marshalled(t require.TestingT, v any) string {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	require.NoError(t, e.Encode(v))
	return strings.TrimSuffix(out.String(), "\n")
}

func TestAResultIsWrittenAsEncodingJSONWritesIt(t *testing.T) {
	t.Parallel()
	for _, v := range []any{
		nil, true, -1, 1.5, 1e300, math.MaxInt64, uint64(math.MaxUint64), json.Number("12.50"), big.NewInt(-7),
		"<a&b>\u2028\u2029\x00\x1f\b\f\n\r\t\"\\/\xff\xfe\ufffd😀",
		map[string]any{"b": []any{}, "a": map[string]any{}, "\x01": nil}, []any{1, []any{"x"}},
	} {
		got, err := encode(v)
		require.NoError(t, err)
		require.Equal(t, marshalled(t, v), string(got))
	}
	rapid.Check(t, func(t *rapid.T) {
		text := string(rapid.SliceOf(rapid.Byte()).Draw(t, "text"))
		got, err := encode([]any{text, map[string]any{text: text}})
		require.NoError(t, err)
		require.Equal(t, marshalled(t, []any{text, map[string]any{text: text}}), string(got))
	})
}

func TestAResultThatJSONCannotHoldIsRefused(t *testing.T) {
	t.Parallel()
	for _, v := range []any{math.NaN(), math.Inf(1), []any{math.Inf(-1)}} {
		_, err := encode(v)
		require.ErrorIs(t, err, errFailed)
	}
	deep := any(nil)
	for range maxDepth + 1 {
		deep = []any{deep}
	}
	_, err := encode(deep)
	require.ErrorIs(t, err, ErrTooLarge)
}
