//go:build kube

package kube_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/e2e/internal/trial"
)

const externalMetrics = "/apis/external.metrics.k8s.io/v1beta1"

func scaleOnExternalMetric(t *testing.T, s *site) {
	if served(externalMetrics) {
		t.Skip("the API of external metrics belongs to somebody else, such as KEDA")
	}
	s.adapter(t)
	s.upgrade(t, "image.tag=next", "workers[0].name=default", "workers[0].autoscaling.queue.enabled=true",
		"workers[0].autoscaling.queue.eventsPerPod=40", "workers[0].autoscaling.maxReplicas=4",
		`networkPolicy.monitoringNamespaceSelector.matchLabels.kubernetes\.io/metadata\.name=`+s.namespace)
	s.backlog(t)
	s.paused(t)
}

// adapter installs prometheus-adapter with the rules that the chart has for it.
func (s *site) adapter(t *testing.T) {
	t.Helper()
	t.Cleanup(func() {
		for _, object := range []string{
			"apiservice/v1beta1.external.metrics.k8s.io", "clusterrole/penstock-e2e-adapter", "clusterrole/penstock-e2e-external-metrics",
			"clusterrolebinding/penstock-e2e-adapter", "clusterrolebinding/penstock-e2e-delegator", "clusterrolebinding/penstock-e2e-autoscaler",
		} {
			trial.Run(t, time.Minute, "kubectl", "delete", "--ignore-not-found", object)
		}
		trial.Run(t, time.Minute, "kubectl", "--namespace", "kube-system", "delete", "--ignore-not-found", "rolebinding/penstock-e2e-adapter-authentication")
	})
	s.kubectl(t, "create", "configmap", "adapter", "--from-file=config.yaml="+s.adapterConfig(t))
	s.applyTo(t, "kube-system", "authentication.yaml")
	s.apply(t, "adapter.yaml")
	s.kubectl(t, "rollout", "status", "deployment/prometheus-adapter", "--timeout=5m")
	eventually(t, 3*time.Minute, "the metric is served", func() bool {
		return served(externalMetrics + "/namespaces/" + s.namespace + "/penstock_route_backlog?labelSelector=route%3Deverything%2Cinstallation%3Dpenstock%2Cnamespace%3D" + s.namespace)
	})
}

// adapterConfig makes of the shipped values what the adapter's own chart makes of them.
func (s *site) adapterConfig(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(trial.Root(), "charts", "penstock", "files", "prometheus-adapter.yaml"))
	require.NoError(t, err)
	var values struct {
		Rules struct{ External []map[string]any }
	}
	require.NoError(t, yaml.Unmarshal(text, &values))
	config, err := yaml.Marshal(map[string]any{"externalRules": values.Rules.External})
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "config.yaml")
	require.NoError(t, os.WriteFile(file, config, 0o600))
	return file
}
