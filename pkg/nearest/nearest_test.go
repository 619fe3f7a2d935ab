package nearest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/nearest"
)

func TestTheNearestNameIsFound(t *testing.T) {
	t.Parallel()
	known := []string{"sources", "secrets", "scheme", "to"}
	for word, want := range map[string]string{
		"source": "sources", "secert": "secrets", "SCHEME": "scheme", "ot": "to", "destinations": "", "": "",
		strings.Repeat("x", 10_000): "",
	} {
		require.Equal(t, want, nearest.Name(word, known), word)
	}
	require.Equal(t, ", did you mean to?", nearest.DidYouMean("ot", known))
	require.Empty(t, nearest.DidYouMean("destinations", known))
}
