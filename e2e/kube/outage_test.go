//go:build kube

package kube_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// outage takes the broker away for longer than probes have patience. The Service keeps its
// gateways, which ask senders to come again; no pod is restarted.
func outage(t *testing.T, s *site) {
	pods := func() string {
		return s.kubectl(t, "get", "pods", "--selector=app.kubernetes.io/instance="+release+",app.kubernetes.io/component",
			"-o", "jsonpath={range .items[*]}{.metadata.uid}{.status.containerStatuses[0].restartCount} {end}")
	}
	before, running := s.traffic.Report(t), pods()
	s.kubectl(t, "exec", "rabbitmq-0", "--", "rabbitmqctl", "stop_app")
	for began := time.Now(); time.Since(began) < time.Minute; {
		s.traffic.Outage(t)
	}
	s.endpoints(t)
	s.scraped(t, `ALERTS{alertname="PenstockBrokerUnreachable",alertstate="firing",job="penstock-gateway",installation="penstock"}`, "critical")
	require.NotContains(t, s.promql(t, `ALERTS{alertname=~"PenstockNotReady|PenstockProcessDown",alertstate="firing"}`), "alertname")
	require.Equal(t, running, pods())
	s.kubectl(t, "exec", "rabbitmq-0", "--", "rabbitmqctl", "start_app")
	s.traffic.Flow(t, 150)
	require.Subset(t, []string{"503 Service Unavailable, Retry-After"}, slices.Collect(maps.Keys(s.traffic.Report(t).Since(before).Failed)))
}

// endpoints requires that every gateway is ready, and an endpoint of the Service.
func (s *site) endpoints(t *testing.T) {
	t.Helper()
	ready := s.kubectl(t, "get", "endpointslices", "--selector=kubernetes.io/service-name=penstock-gateway",
		"-o", "jsonpath={range .items[*].endpoints[*]}{.conditions.ready} {end}")
	require.Equal(t, s.kubectl(t, "get", "deployment/penstock-gateway", "-o", "jsonpath={.status.replicas}"), strconv.Itoa(len(strings.Fields(ready))))
	require.NotContains(t, ready, "false")
}
