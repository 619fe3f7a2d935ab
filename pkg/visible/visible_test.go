package visible_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/penstock/penstock/pkg/visible"
)

func TestWhatSteersATerminalIsUnsafe(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"\x1b[31m", "\a", "\r", "\x00", "\x7f", "\u009b31m", "\u202e", "\u2066", "\u200f", "\ufeff", "\u2028", "\U000e0041"} {
		require.True(t, visible.Any(text), "%q", text)
	}
	require.False(t, visible.Any("a\tb\nc é ł 👩‍💻 \ufffd $(id) '\"\\"))
}

func TestEscapedJSONMeansTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("\x1b\a\u009b\u202e\u2028\U000e0041\"\\\n")))).Draw(t, "text")
		encoded, err := json.Marshal(map[string]string{text: text})
		require.NoError(t, err)
		safe := visible.JSON(encoded)
		require.False(t, visible.Any(string(safe)))
		var want, got map[string]string
		require.NoError(t, json.Unmarshal(encoded, &want))
		require.NoError(t, json.Unmarshal(safe, &got))
		require.Equal(t, want, got)
	})
}
