//go:build kube

package kube_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const deliverers = "deployment/penstock-deliverer-default"

// wanted returns how many pods a workload is to have.
func (s *site) wanted(t *testing.T, workload string) int {
	t.Helper()
	n, err := strconv.Atoi(s.kubectl(t, "get", workload, "-o", "jsonpath={.spec.replicas}"))
	require.NoError(t, err)
	return n
}

// replicas returns how many deliverers are wanted.
func (s *site) replicas(t *testing.T) int {
	t.Helper()
	return s.wanted(t, deliverers)
}

// rises waits until there are more deliverers than one.
func (s *site) rises(t *testing.T) {
	t.Helper()
	eventually(t, 5*time.Minute, "the deliverers are raised", func() bool { return s.replicas(t) > 1 })
	t.Logf("raised to %d", s.replicas(t))
}

// falls waits until one deliverer is left.
func (s *site) falls(t *testing.T) {
	t.Helper()
	eventually(t, 6*time.Minute, "the deliverers are lowered to one", func() bool { return s.replicas(t) == 1 })
	s.kubectl(t, "rollout", "status", deliverers, "--timeout=5m")
	eventually(t, 3*time.Minute, "the pods are gone", func() bool {
		return s.kubectl(t, "get", deliverers, "-o", "jsonpath={.status.replicas}") == "1"
	})
}

// backlog makes deliveries slow until the autoscaler acts, then fast again, and requires
// that nothing was cut off or failed on the way up and down.
func (s *site) backlog(t *testing.T) {
	t.Helper()
	before := s.traffic.Report(t)
	s.traffic.Receive(t, 2*time.Second, 200)
	s.rises(t)
	s.traffic.Receive(t, 0, 200)
	s.falls(t)
	eventually(t, 3*time.Minute, "the queue is empty", func() bool { return s.traffic.Report(t).Missing < 30 })
	during := s.traffic.Report(t).Since(before)
	require.Zero(t, during.FailedAll, "%v", during.Failed)
	require.Zero(t, during.Cut, "no busy deliverer was killed in mid-delivery")
}

// scaleGateways asks for little CPU, of which the gateways use much more, and then for
// much, of which they use little.
func scaleGateways(t *testing.T, s *site) {
	if !served("/apis/metrics.k8s.io/v1beta1/nodes") {
		t.Skip("the cluster has no metrics-server")
	}
	const gateways = "deployment/penstock-gateway"
	before := s.traffic.Report(t)
	scaling := []string{"image.tag=next", "gateway.autoscaling.enabled=true", "gateway.autoscaling.maxReplicas=4"}
	s.upgrade(t, append(scaling, "gateway.autoscaling.cpu=10", "gateway.resources.requests.cpu=20m")...)
	eventually(t, 5*time.Minute, "the gateways are raised", func() bool { return s.wanted(t, gateways) > 2 })
	t.Logf("raised to %d", s.wanted(t, gateways))
	s.upgrade(t, append(scaling, "gateway.autoscaling.cpu=90", "gateway.resources.requests.cpu=500m")...)
	eventually(t, 8*time.Minute, "the gateways are lowered to two", func() bool { return s.wanted(t, gateways) == 2 })
	s.ready(t)
	s.traffic.Flow(t, 150)
	during := s.traffic.Report(t).Since(before)
	require.Zero(t, during.FailedAll, "%v", during.Failed)
}

func scaleOnCPU(t *testing.T, s *site) {
	if !served("/apis/metrics.k8s.io/v1beta1/nodes") {
		t.Skip("the cluster has no metrics-server")
	}
	before := s.traffic.Report(t)
	s.upgrade(t, "image.tag=next", "workers[0].name=default", "workers[0].autoscaling.cpu.enabled=true", "workers[0].autoscaling.cpu.target=20",
		"workers[0].autoscaling.maxReplicas=3", "workers[0].resources.requests.cpu=20m")
	s.rises(t)
	s.upgrade(t, "image.tag=next", "workers[0].name=default", "workers[0].autoscaling.cpu.enabled=true", "workers[0].autoscaling.cpu.target=90",
		"workers[0].autoscaling.maxReplicas=3", "workers[0].resources.requests.cpu=1")
	s.falls(t)
	during := s.traffic.Report(t).Since(before)
	require.Zero(t, during.FailedAll, "%v", during.Failed)
	require.Zero(t, during.Cut, "no busy deliverer was killed in mid-delivery")
}

func scaleOnQueueLength(t *testing.T, s *site) {
	needKEDA(t)
	s.upgrade(t, "image.tag=next", "workers[0].name=default", "workers[0].autoscaling.keda.enabled=true", "workers[0].autoscaling.keda.eventsPerPod=40",
		"workers[0].autoscaling.keda.pollingSeconds=5", "workers[0].autoscaling.maxReplicas=4")
	s.backlog(t)
	s.paused(t)
}

// paused requires that a queue is no reason for more deliverers while they rest because
// the destination fails.
func (s *site) paused(t *testing.T) {
	t.Helper()
	before := s.traffic.Report(t)
	s.traffic.Receive(t, 0, 503)
	eventually(t, 3*time.Minute, "a queue builds up", func() bool { return s.traffic.Report(t).Missing-before.Missing > 400 })
	require.LessOrEqual(t, s.replicas(t), 2, "a failing destination is no reason to scale")
	s.traffic.Receive(t, 0, 200)
	eventually(t, 5*time.Minute, "the queue is empty", func() bool { return s.traffic.Report(t).Missing < 30 })
}

func scaleOnDrainTime(t *testing.T, s *site) {
	needKEDA(t)
	s.upgrade(t, "image.tag=next", "workers[0].name=default", "workers[0].autoscaling.keda.enabled=true", "workers[0].autoscaling.keda.signal=drainTime",
		"workers[0].autoscaling.keda.drainSeconds=10", "workers[0].autoscaling.keda.pollingSeconds=5", "workers[0].autoscaling.maxReplicas=4")
	s.backlog(t)
}

func needKEDA(t *testing.T) {
	t.Helper()
	if !served("/apis/keda.sh/v1alpha1") {
		t.Skip("the cluster has no KEDA")
	}
}
