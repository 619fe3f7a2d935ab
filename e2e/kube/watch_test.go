//go:build kube

package kube_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/e2e/internal/trial"
)

// watch installs Prometheus with the chart's rules. It scrapes every process, and while
// nothing is wrong no alert fires.
func watch(t *testing.T, s *site) {
	s.upgrade(t, "image.tag=next", `networkPolicy.monitoringNamespaceSelector.matchLabels.kubernetes\.io/metadata\.name=`+s.namespace)
	s.kubectl(t, "create", "configmap", "rules", "--from-file=charts/penstock/files/rules")
	s.apply(t, "prometheus.yaml")
	s.kubectl(t, "rollout", "status", "deployment/prometheus", "--timeout=5m")
	for _, job := range []string{"penstock-gateway", "penstock-deliverer", "penstock-tracker"} {
		s.scraped(t, `up{job="`+job+`",namespace="`+s.namespace+`",installation="penstock"} == 1`, job)
	}
	for _, metric := range []string{"penstock_ready", "penstock_tracker_active", "penstock_route_consumers", "penstock_unaccounted_events"} {
		s.scraped(t, metric+`{installation="penstock"}`, metric)
	}
	s.scraped(t, `penstock_route_backlog{installation="penstock",route="everything"}`, "everything") // the rules are evaluated
	require.NotContains(t, s.promql(t, `ALERTS{alertstate="firing"}`), "alertname", "nothing is wrong")
}

// scraped waits until Prometheus answers a query with that word.
func (s *site) scraped(t *testing.T, query, word string) {
	t.Helper()
	eventually(t, 3*time.Minute, query, func() bool {
		answer, err := s.askPrometheus(query)
		return err == nil && strings.Contains(answer, word)
	})
}

// promql asks the Prometheus of the tests.
func (s *site) promql(t *testing.T, query string) string {
	t.Helper()
	answer, err := s.askPrometheus(query)
	require.NoError(t, err, answer)
	return answer
}

func (s *site) askPrometheus(query string) (string, error) {
	address := "/api/v1/namespaces/" + s.namespace + "/services/prometheus:9090/proxy/api/v1/query?query=" + url.QueryEscape(query)
	return trial.Try(time.Minute, "kubectl", "get", "--raw", address)
}
