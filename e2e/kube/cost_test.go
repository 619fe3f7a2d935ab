//go:build kube

package kube_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	cpuSeconds = regexp.MustCompile(`process_cpu_seconds_total ([0-9.e+-]+)`)
	ports      = map[string]string{"gateway": "9090", "deliverer": "9091", "tracker": "9092"}
)

// cpu returns the CPU time that the processes of a component have used, in seconds.
func (s *site) cpu(t *testing.T, component string) float64 {
	t.Helper()
	total := 0.0
	for pod := range strings.FieldsSeq(s.kubectl(t, "get", "pods", "--selector=app.kubernetes.io/component="+component, "-o", "jsonpath={.items[*].metadata.name}")) {
		metrics := s.kubectl(t, "exec", pod, "--", "penstock", "health", "http://127.0.0.1:"+ports[component]+"/metrics")
		found := cpuSeconds.FindStringSubmatch(metrics)
		require.NotNil(t, found, "the %s tells its CPU time", component)
		seconds, err := strconv.ParseFloat(found[1], 64)
		require.NoError(t, err)
		total += seconds
	}
	return total
}

// cost tells what an event costs in CPU time while nothing happens besides.
func cost(t *testing.T, s *site) {
	before, events := map[string]float64{}, s.traffic.Report(t).Accepted
	for component := range ports {
		before[component] = s.cpu(t, component)
	}
	s.traffic.Flow(t, 600)
	events = s.traffic.Report(t).Accepted - events
	for component := range ports {
		used := s.cpu(t, component) - before[component]
		t.Logf("%s: %.2f ms of CPU for an event", component, 1000*used/float64(events))
		require.Positive(t, used)
	}
}
