package account_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/account"
	"github.com/penstock/penstock/pkg/provider"
)

func TestEveryProviderHasFactsAndTheirSources(t *testing.T) {
	t.Parallel()
	require.NotEmpty(t, account.Providers())
	for _, id := range account.Providers() {
		f, known := account.Lookup(id)
		require.True(t, known, id)
		_, preset := provider.Lookup(f.Preset)
		require.True(t, preset, "%s: no preset is called %q", id, f.Preset)
		require.NotEmpty(t, f.Sources, id)
		for _, s := range f.Sources {
			require.NotEmpty(t, s.Fact, id)
			require.NotEmpty(t, s.From, id)
		}
		require.Positive(t, f.Window, id)
		require.Positive(t, f.Wait, id)
		require.Positive(t, f.Arrive, id)
		require.Positive(t, f.Overlap, id)
		require.Greater(t, f.Window, f.Wait+f.Overlap, id)
		require.True(t, f.Fetches || f.Redelivers, "%s: what is missing could not be recovered", id)
		require.Equal(t, f.Redelivers, f.AskWith != "", id)
		require.NotEmpty(t, f.Alternative, id)
		for _, set := range f.Alternative {
			for _, name := range set {
				_, setting := f.Settings[name]
				_, credential := f.Credentials[name]
				require.NotEqual(t, setting, credential, "%s: %s is a setting or a credential", id, name)
			}
		}
		for name, s := range f.Settings {
			_, err := regexp.Compile("^(?:" + s.Pattern + ")$")
			require.NoError(t, err, "%s: %s", id, name)
			require.NotEmpty(t, s.About, "%s: %s", id, name)
		}
	}
}

func TestAnUnknownProviderHasNoFacts(t *testing.T) {
	t.Parallel()
	_, known := account.Lookup("nowhere")
	require.False(t, known)
}
