package diagnose

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every spelling of a JSON document must mean the same: it is tested from the
// inside, as from the outside only the one that fits can be seen.
func FuzzJSONSpellingsMeanTheSame(f *testing.F) {
	f.Add([]byte(`{"b":"\u00e9/<&>\ud83d\ude00","a":[1.50,{"c":null}],"d":"x, y: \"z\"\n\\/"}`))
	f.Add([]byte(`["\\u00e9", "\ud83d", "\u0000\/"]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		_ = bodySpellings(body)
		want, ok := canonical(body)
		for _, s := range jsonSpellings(body) {
			require.True(t, ok)
			got, ok := canonical(s.body)
			require.True(t, ok, "%s: %s", s.cause, s.body)
			require.Equal(t, want, got, s.cause)
		}
	})
}

func canonical(text []byte) (string, bool) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var document any
	if !json.Valid(text) || decoder.Decode(&document) != nil {
		return "", false
	}
	out, err := json.Marshal(document)
	return string(out), err == nil
}
