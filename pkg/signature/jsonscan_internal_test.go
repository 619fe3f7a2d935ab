package signature

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestPlainBytesEndAtTheFirstSpecialOne(t *testing.T) {
	t.Parallel()
	for c := range 256 { // each byte, at each place of eight and after them
		for at := range 12 {
			text := []byte("plain \x7f\xff text")
			text[at] = byte(c)
			require.Equal(t, firstSpecial(text), plainBytes(text), "byte %d at %d", c, at)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOfN(rapid.ByteRange(' '-2, '"'+1), 0, 40).Draw(t, "text")
		require.Equal(t, firstSpecial(text), plainBytes(text))
	})
}

// firstSpecial looks at one byte after the other (RFC 8259, section 7).
func firstSpecial(text []byte) int {
	for i, c := range text {
		if c < ' ' || c == '"' || c == '\\' {
			return i
		}
	}
	return len(text)
}
