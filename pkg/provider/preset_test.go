package provider_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
)

func TestEveryPresetCompiles(t *testing.T) {
	t.Parallel()
	for _, p := range provider.All() {
		t.Run(p.ID, func(t *testing.T) {
			t.Parallel()
			_, err := provider.New(p, optionsFor(t, p))
			require.NoError(t, err)
		})
	}
}
