package guide_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/worker/internal/console/guide"
)

// A snippet that is pasted as it stands must be valid, for each provider.
func TestEverySnippetIsAValidConfiguration(t *testing.T) {
	t.Parallel()
	for _, p := range provider.All() {
		g := guide.New(p, "my-source", "https://hooks.example.org/")
		cfg, err := config.Parse("penstock.yaml", []byte(g.Config), func(string) (string, bool) { return "", false }, config.NoSecrets)
		require.NoError(t, err, "%s:\n%s", p.ID, g.Config)
		source := cfg.Sources["my-source"]
		require.Equal(t, p.ID, source.Provider)
		require.Equal(t, "https://hooks.example.org/in/my-source", source.PublicURL)
		require.Equal(t, source.PublicURL, g.URL)
		require.Equal(t, g.Unsigned, source.Open, p.ID)
		for _, s := range g.Secrets {
			require.Contains(t, g.Config, "${"+s.Variable+"}", p.ID)
			require.NotEmpty(t, s.Holds, p.ID)
		}
	}
}

func TestAGuideIsAboutTheSourcesName(t *testing.T) {
	t.Parallel()
	stripe, _ := provider.Lookup("stripe")
	g := guide.New(stripe, "shop-eu", "")
	require.Equal(t, guide.Placeholder+"/in/shop-eu", g.URL)
	require.Equal(t, []guide.Secret{{"SHOP_EU_WEBHOOK_SECRET", "the endpoint's signing secret, whsec_ included", false}}, g.Secrets)
	require.Equal(t, strings.TrimLeft(`
sources:
  shop-eu:
    provider: stripe
    secrets: ["${SHOP_EU_WEBHOOK_SECRET}"]
    publicURL: https://hooks.example.com/in/shop-eu
`, "\n"), g.Config)
	require.Equal(t, "stripe", guide.New(stripe, "", "").Source)
	require.False(t, g.Doubtful)
}
