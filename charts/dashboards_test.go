//go:build chart

package charts_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/stretchr/testify/require"
)

// problemsOf returns what Grafana's schema has against a dashboard: fields that it does not
// know, and required ones that are missing.
func problemsOf(text []byte) string {
	plugins.RegisterDefaultPlugins() // the schemas of panels and of queries
	var d dashboard.Dashboard        //nolint:staticcheck // our dashboards have the first format, which Grafana still reads everywhere
	var problems []string
	if err := d.UnmarshalJSONStrict(text); err != nil {
		problems = append(problems, err.Error()) // without text there is no problem
	}
	if err := d.Validate(); err != nil {
		problems = append(problems, err.Error())
	}
	return strings.TrimSpace(strings.Join(problems, "\n"))
}

func TestDashboardsFollowGrafanasSchema(t *testing.T) {
	t.Parallel()
	for _, file := range cases(t, "penstock/files/dashboards/*.json") {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Empty(t, problemsOf(text), file)

		var broken map[string]any
		require.NoError(t, json.Unmarshal(text, &broken))
		broken["panels"].([]any)[3].(map[string]any)["targts"] = []any{}
		misspelt, err := json.Marshal(broken)
		require.NoError(t, err)
		require.Contains(t, problemsOf(misspelt), "targts")
	}
}
