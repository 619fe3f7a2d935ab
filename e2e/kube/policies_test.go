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
	s.stranger(t)
	const broker = "http://rabbitmq:15692/metrics" // closed
	eventually(t, time.Minute, "the stranger reaches what nobody closed", func() bool { return s.reaches(t, "stranger", "http://rabbitmq:15672/") })
	if s.reaches(t, "stranger", broker) && !s.loses(t, "stranger", broker) {
		t.Skip("the cluster enforces no NetworkPolicies")
	}
	for _, address := range admins {
		require.False(t, s.reaches(t, "stranger", address), address)
	}
	require.False(t, s.reaches(t, "penstock-gateway-0", "http://traffic:8099/control/report"), "a gateway has no business there")
	trial.Run(t, time.Minute, "kubectl", "label", "namespace", s.namespace, "penstock-e2e=trusted")
	for _, address := range admins {
		eventually(t, time.Minute, address+" is reached", func() bool { return s.reaches(t, "stranger", address) })
	}
	s.traffic.Flow(t, 100)
}

// stranger starts a pod of somebody else that stays: a network takes a moment to know a
// new one.
func (s *site) stranger(t *testing.T) {
	t.Helper()
	image := s.kubectl(t, "get", "statefulset/penstock-gateway", "-o", "jsonpath={.spec.template.spec.containers[0].image}")
	s.kubectl(t, "run", "stranger", "--image="+image, "--image-pull-policy=IfNotPresent", "--restart=Never", "--command", "--", command, "listen")
	s.kubectl(t, "wait", "pod/stranger", "--for=condition=Ready", "--timeout=2m")
}

const command = "/usr/local/bin/penstock"

// reaches reports whether a pod gets a good answer from an address.
func (s *site) reaches(t *testing.T, pod, address string) bool {
	t.Helper()
	out, err := trial.Try(time.Minute, "kubectl", "--namespace", s.namespace, "exec", pod, "--", command, "health", "--timeout=5s", address)
	if err != nil {
		require.Contains(t, out, "penstock health:", "the command itself must work")
	}
	return err == nil
}

// loses waits a while for an address not to be reached any more.
func (s *site) loses(t *testing.T, pod, address string) bool {
	t.Helper()
	for range 10 {
		if !s.reaches(t, pod, address) {
			return true
		}
		<-time.After(time.Second)
	}
	return false
}
