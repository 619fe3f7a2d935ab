//go:build kube

package kube_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/e2e/internal/trial"
)

// admins are the addresses that only whom the values name may reach.
var admins = []string{
	"http://penstock-gateway-admin:9090/metrics", "http://penstock-deliverer-default:9091/metrics",
	"http://penstock-tracker-admin:9092/metrics", "http://penstock-tracker/console/sign-in",
}

// policies asks as somebody in the namespace, first as a stranger, then as one whom the
// chart's NetworkPolicies name. That the stranger's webhooks are taken, and that all of
// Penstock works, the traffic shows meanwhile.
func policies(t *testing.T, s *site) {
	s.apply(t, "closed.yaml")
	if s.reaches(t, "http://rabbitmq:15692/metrics") {
		t.Skip("the cluster enforces no NetworkPolicies")
	}
	for _, address := range admins {
		require.False(t, s.reaches(t, address), address)
	}
	_, err := trial.Try(time.Minute, "kubectl", "--namespace", s.namespace, "exec", "penstock-gateway-0", "--", "penstock", "health", "http://traffic:8099/control/report")
	require.Error(t, err, "a gateway has no business there")
	trial.Run(t, time.Minute, "kubectl", "label", "namespace", s.namespace, "penstock-e2e=trusted")
	for _, address := range admins {
		eventually(t, time.Minute, address+" is reached", func() bool { return s.reaches(t, address) })
	}
	s.traffic.Flow(t, 100)
}

// reaches reports whether a pod of somebody else gets an answer from an address.
func (s *site) reaches(t *testing.T, address string) bool {
	t.Helper()
	image := s.kubectl(t, "get", "statefulset/penstock-gateway", "-o", "jsonpath={.spec.template.spec.containers[0].image}")
	s.kubectl(t, "delete", "pod/stranger", "--ignore-not-found", "--grace-period=1")
	s.kubectl(t, "run", "stranger", "--image="+image, "--image-pull-policy=IfNotPresent", "--restart=Never",
		"--command", "--", "/usr/local/bin/penstock", "health", "--timeout=5s", address)
	phase := ""
	eventually(t, 2*time.Minute, "the stranger has asked", func() bool {
		phase = s.kubectl(t, "get", "pod/stranger", "-o", "jsonpath={.status.phase}")
		return phase == "Succeeded" || phase == "Failed"
	})
	return phase == "Succeeded"
}
