package provider_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
)

func TestLookupFindsPresetsByTheirID(t *testing.T) {
	t.Parallel()
	preset, ok := provider.Lookup("github")
	require.True(t, ok)
	require.Equal(t, "github", preset.ID)
	require.Equal(t, "GitHub", preset.Name)

	for _, missing := range []string{"", "git hub", "../github", "presets/github", "github.yaml", "GitHub"} {
		_, ok := provider.Lookup(missing)
		require.False(t, ok, "%q", missing)
	}
}

func TestAllPresetsAreSortedAndMany(t *testing.T) {
	t.Parallel()
	all := provider.All()
	require.Greater(t, len(all), 240)
	require.True(t, slices.IsSortedFunc(all, func(a, b *provider.Preset) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	}))
}

func TestAPresetLikeAnotherStartsFromItsFields(t *testing.T) {
	t.Parallel()
	base, _ := provider.Lookup("svix")
	clerk, _ := provider.Lookup("clerk")
	require.Equal(t, base.Scheme, clerk.Scheme)
	require.Equal(t, base.EventID, clerk.EventID)
	require.Equal(t, base.Deadline, clerk.Deadline)
	require.Equal(t, "Clerk", clerk.Name)
}

func TestSuggestNamesWhatWasMeant(t *testing.T) {
	t.Parallel()
	for misspelt, want := range map[string]string{
		"gihub": "github", "Stripe": "stripe", "shopfy": "shopify", "standardwebhooks": "standard-webhooks", "graph": "microsoft-graph",
	} {
		require.Contains(t, provider.Suggest(misspelt), want, misspelt)
	}
	require.Empty(t, provider.Suggest("zzzzzzzzzzzz"))
	require.Empty(t, provider.Suggest(""))
}
