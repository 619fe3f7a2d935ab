package instrument_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"
)

const (
	rulesFolder = "../../charts/penstock/files/rules"
	dashboards  = "../../charts/penstock/files/dashboards"
	runbooks    = "../../docs/runbooks"
)

// rule is an alert, or a record.
type rule struct {
	Alert       string            `yaml:"alert"`
	Record      string            `yaml:"record"`
	Expr        string            `yaml:"expr"`
	Annotations map[string]string `yaml:"annotations"`
}

// rules returns those of all files.
func rules(t *testing.T) (all []rule) {
	t.Helper()
	files, err := filepath.Glob(rulesFolder + "/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var groups struct {
			Groups []struct {
				Rules []rule `yaml:"rules"`
			} `yaml:"groups"`
		}
		require.NoError(t, yaml.Unmarshal(text, &groups), file)
		for _, g := range groups.Groups {
			all = append(all, g.Rules...)
		}
	}
	return all
}

// slug makes of PenstockBrokerBlocked the name penstock-broker-blocked.
func slug(alert string) string {
	return strings.ToLower(regexp.MustCompile(`(.)([A-Z])`).ReplaceAllString(alert, "$1-$2"))
}

func TestEachAlertHasItsRunbookAndEachRunbookItsAlert(t *testing.T) {
	t.Parallel()
	wanted := map[string]bool{"README.md": true}
	index, err := os.ReadFile(filepath.Join(runbooks, "README.md"))
	require.NoError(t, err)
	for _, r := range rules(t) {
		if r.Alert == "" {
			continue
		}
		name := slug(r.Alert) + ".md"
		wanted[name] = true
		text, err := os.ReadFile(filepath.Join(runbooks, name))
		require.NoError(t, err, r.Alert)
		for _, part := range []string{"# " + r.Alert, "## What it means", "## What to check", "## What to do"} {
			require.Contains(t, string(text), part, name)
		}
		require.True(t, strings.HasSuffix(r.Annotations["runbook_url"], "/docs/runbooks/"+name), r.Alert)
		require.NotEmpty(t, r.Annotations["summary"], r.Alert)
		require.Regexp(t, `^\{\{ \$externalLabels\.console_url \}\}/console/[a-z]*`, r.Annotations["dashboard_url"], r.Alert)
		require.Contains(t, string(index), "]("+name+")")
	}
	there, err := os.ReadDir(runbooks)
	require.NoError(t, err)
	for _, file := range there {
		require.Contains(t, string(index)+"](README.md)", "]("+file.Name()+")", "the list leaves it out")
		if strings.HasPrefix(file.Name(), "penstock-") {
			require.True(t, wanted[file.Name()], "%s is the runbook of no alert", file.Name())
		}
	}
}

var (
	metricName = regexp.MustCompile(`\bpenstock_[a-z0-9_]+`)
	listedName = regexp.MustCompile("(?m)^\\| `(penstock_[a-z0-9_]+)` \\| (\\w+)")
)

// known returns every name that an expression may use: those of the page, the parts of
// histograms, and what rules record.
func known(t *testing.T) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	names := map[string]bool{}
	for _, m := range listedName.FindAllStringSubmatch(string(text), -1) {
		names[m[1]] = true
		if m[2] == "histogram" {
			names[m[1]+"_bucket"], names[m[1]+"_sum"], names[m[1]+"_count"] = true, true, true
		}
	}
	for _, r := range rules(t) {
		if r.Record != "" {
			names[r.Record] = true
		}
	}
	return names
}

func TestRulesAndRunbooksUseMetricsThatExist(t *testing.T) {
	t.Parallel()
	names := known(t)
	for _, r := range rules(t) {
		for _, name := range metricName.FindAllString(r.Expr, -1) {
			require.True(t, names[name], "%s%s uses %s, which is not in docs/metrics.md", r.Alert, r.Record, name)
		}
	}
	files, err := filepath.Glob(runbooks + "/*.md")
	require.NoError(t, err)
	for _, file := range append(files, "../../docs/slo.md") {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, name := range metricName.FindAllString(string(text), -1) {
			require.True(t, names[name], "%s names %s, which is not in docs/metrics.md", file, name)
		}
	}
}

func TestDashboardsUseMetricsThatExist(t *testing.T) {
	t.Parallel()
	names := known(t)
	files, err := filepath.Glob(dashboards + "/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	recorded := regexp.MustCompile(`penstock:[a-z0-9_:]+`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.True(t, json.Valid(text), file)
		for _, name := range append(metricName.FindAllString(string(text), -1), recorded.FindAllString(string(text), -1)...) {
			require.True(t, names[name], "%s uses %s, which is not in docs/metrics.md", file, name)
		}
	}
}
