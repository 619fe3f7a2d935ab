//go:build kube

package kube_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/e2e/internal/trial"
)

var spooled = regexp.MustCompile(`penstock_spool_events ([0-9.e+]+)`)

// spool takes the broker away, deletes a gateway meanwhile, and brings the broker back:
// no request fails, and what lay on the volumes is delivered.
func spool(t *testing.T, s *site) {
	s.kubectl(t, "exec", "rabbitmq-0", "--", "rabbitmqctl", "stop_app")
	s.traffic.Flow(t, 100)
	held := s.inSpool(t)
	t.Logf("%d events are in the spools", held)
	require.Positive(t, held)
	s.kubectl(t, "delete", "pod", "penstock-gateway-0")
	s.traffic.Flow(t, 100)
	s.kubectl(t, "exec", "rabbitmq-0", "--", "rabbitmqctl", "start_app")
	s.kubectl(t, "rollout", "status", "statefulset/penstock-gateway", "--timeout=5m")
	eventually(t, 3*time.Minute, "the spools are empty", func() bool { return s.inSpool(t) == 0 })
	eventually(t, 3*time.Minute, "all of it is delivered", func() bool { return s.traffic.Report(t).Missing < 30 })
}

// inSpool counts the events in the spools of the gateways that answer.
func (s *site) inSpool(t *testing.T) (events int) {
	t.Helper()
	pods := s.kubectl(t, "get", "pods", "--selector=app.kubernetes.io/component=gateway", "-o", "jsonpath={.items[*].metadata.name}")
	for pod := range strings.FieldsSeq(pods) {
		metrics, _ := trial.Try(time.Minute, "kubectl", "--namespace", s.namespace, "exec", pod, "--", "penstock", "health", "http://127.0.0.1:9090/metrics")
		if found := spooled.FindStringSubmatch(metrics); found != nil {
			n, err := strconv.ParseFloat(found[1], 64)
			require.NoError(t, err)
			events += int(n)
		}
	}
	return events
}
