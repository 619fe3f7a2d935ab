//go:build chart

package charts_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"
)

// monitored is a Service, or the ServiceMonitor that finds it.
type monitored struct {
	Kind     string
	Metadata struct {
		Name   string
		Labels map[string]string
	}
	Spec struct {
		Endpoints []struct {
			Relabelings []struct {
				SourceLabels []string `yaml:"sourceLabels"`
				TargetLabel  string   `yaml:"targetLabel"`
				Replacement  string
			}
		}
	}
}

// TestRulesFitTheLabelsOfEveryRelease gives each Service the labels that a Prometheus gets
// from the ServiceMonitor, and looks whether the rule of what is down matches them,
// whatever the release is called.
func TestRulesFitTheLabelsOfEveryRelease(t *testing.T) {
	t.Parallel()
	rules, err := os.ReadFile("penstock/files/rules/alerts.yaml")
	require.NoError(t, err)
	found := regexp.MustCompile(`up\{job=~"([^"]+)"\} == 0`).FindStringSubmatch(string(rules))
	require.NotNil(t, found)
	matches := regexp.MustCompile("^(?:" + found[1] + ")$")
	values := filepath.Join(t.TempDir(), "values.yaml")
	require.NoError(t, os.WriteFile(values, []byte("monitoring: {serviceMonitor: {enabled: true}}\nworkers: [{name: default}, {name: more}]\n"), 0o600))
	for _, release := range []string{"penstock", "shop", "a-release-with-a-name-that-is-rather-long-for-it"} {
		jobs := map[string]int{}
		for _, labels := range scraped(t, values, release) {
			require.Regexp(t, matches, labels["job"])
			require.Equal(t, release, labels["installation"])
			jobs[labels["job"]]++
		}
		require.Equal(t, map[string]int{"penstock-gateway": 1, "penstock-deliverer": 2, "penstock-tracker": 1}, jobs, release)
	}
}

// scraped returns the labels of every target.
func scraped(t *testing.T, values, release string) (all []map[string]string) {
	t.Helper()
	got, said, err := templateAs(t, helms(t)[0], release, values)
	require.NoError(t, err, said)
	var monitor monitored
	var services []monitored
	for document := range strings.SplitSeq(got, "\n---\n") {
		var one monitored
		require.NoError(t, yaml.Unmarshal([]byte(document), &one))
		switch {
		case one.Kind == "ServiceMonitor":
			monitor = one
		case one.Kind == "Service" && one.Metadata.Labels["penstock/port"] == "admin":
			services = append(services, one)
		}
	}
	unclear := regexp.MustCompile(`[^a-zA-Z0-9]`)
	for _, service := range services {
		known := map[string]string{}
		for name, value := range service.Metadata.Labels {
			known["__meta_kubernetes_service_label_"+unclear.ReplaceAllString(name, "_")] = value
		}
		labels := map[string]string{"job": service.Metadata.Name}
		for _, r := range monitor.Spec.Endpoints[0].Relabelings {
			require.Contains(t, known, r.SourceLabels[0])
			if r.Replacement == "" {
				r.Replacement = "$1"
			}
			labels[r.TargetLabel] = strings.ReplaceAll(r.Replacement, "$1", known[r.SourceLabels[0]])
		}
		all = append(all, labels)
	}
	return all
}
