//go:build kube

package kube_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

//nolint:paralleltest // one cluster, one step after the other
func TestTheChart(t *testing.T) {
	s := setup(t, "penstock-e2e", helms(t)[0])
	s.upgrade(t)
	require.Contains(t, s.helm(t, "test", release, "--timeout", "5m"), "Phase:          Succeeded")
	s.traffic.Start(t, target, 20)
	s.traffic.Flow(t, 150)

	step := func(name string, run func(*testing.T, *site)) {
		if t.Failed() {
			return
		}
		before := s.traffic.Report(t)
		t.Run(name, func(t *testing.T) { run(t, s) })
		t.Logf("%s: %s", name, s.traffic.Report(t).Since(before))
	}
	step("what an event costs", cost)
	step("what no process would start with is not installed", refuse)
	step("an upgrade fails no request", upgrade)
	step("deleted pods fail no request", deletions)
	step("the rules match what is scraped", watch)
	step("an outage of the broker is 503 with Retry-After and nothing else", outage)
	step("KEDA follows the queue's length", scaleOnQueueLength)
	step("KEDA follows the time to drain", scaleOnDrainTime)
	step("prometheus-adapter follows the queue", scaleOnExternalMetric)
	step("gateways follow CPU", scaleGateways)
	step("deliverers follow CPU", scaleOnCPU)

	all := s.traffic.Settle(t)
	t.Logf("in all: %s", all)
	require.Zero(t, all.Missing)
	require.Contains(t, s.helm(t, "test", release, "--timeout", "5m"), "Phase:          Succeeded")
	s.uninstall(t)
	s.nothingLeft(t, "persistentvolumeclaims")
}

func upgrade(t *testing.T, s *site) {
	before := s.traffic.Report(t)
	s.upgrade(t, "image.tag=next")
	s.traffic.Flow(t, 150)
	eventually(t, 3*time.Minute, "the old gateways are gone", func() bool {
		images := s.kubectl(t, "get", "pods", "--selector=app.kubernetes.io/component=gateway", "-o", "jsonpath={.items[*].spec.containers[0].image}")
		return !strings.Contains(images, ":e2e")
	})
	s.traffic.Flow(t, 50)
	during := s.traffic.Report(t).Since(before)
	require.Zero(t, during.FailedAll, "%v", during.Failed)
	require.Zero(t, during.Cut, "no delivery is cut off")
}

// deletions delete pods of all kinds, the deliverers without any grace too.
func deletions(t *testing.T, s *site) {
	before := s.traffic.Report(t)
	for i := range 8 {
		component := []string{"gateway", "deliverer", "tracker"}[rand.IntN(3)]
		names := strings.Fields(s.kubectl(t, "get", "pods", "--selector=app.kubernetes.io/component="+component,
			"--field-selector=status.phase=Running", "-o", "jsonpath={.items[*].metadata.name}"))
		require.NotEmpty(t, names)
		args := []string{"delete", "pod", names[rand.IntN(len(names))], "--wait=false"}
		if component == "deliverer" && i%2 == 0 {
			args = append(args, "--grace-period=0", "--force")
		}
		t.Log(strings.Join(args, " "))
		s.kubectl(t, args...)
		s.traffic.Flow(t, 60)
		s.ready(t)
	}
	during := s.traffic.Report(t).Since(before)
	require.Zero(t, during.FailedAll, "%v", during.Failed)
}

// ready waits until every deployment has what it wants.
func (s *site) ready(t *testing.T) {
	t.Helper()
	for deployment := range strings.FieldsSeq(s.kubectl(t, "get", "deployments", "--selector=app.kubernetes.io/instance="+release, "-o", "name")) {
		s.kubectl(t, "rollout", "status", deployment, "--timeout=5m")
	}
}

// uninstall removes the release.
func (s *site) uninstall(t *testing.T) {
	t.Helper()
	s.helm(t, "uninstall", release, "--wait", "--timeout", "5m")
	s.nothingLeft(t, "all", "configmaps", "secrets", "serviceaccounts", "networkpolicies", "poddisruptionbudgets", "horizontalpodautoscalers", "jobs")
}

// nothingLeft waits until no object of these kinds belongs to the release.
func (s *site) nothingLeft(t *testing.T, kinds ...string) {
	t.Helper()
	eventually(t, 3*time.Minute, "nothing is left of the release", func() bool {
		return s.kubectl(t, "get", strings.Join(kinds, ","), "--selector=app.kubernetes.io/instance="+release, "-o", "name") == ""
	})
}
