//go:build kube

package kube_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/e2e/internal/trial"
)

// TestWhatIsKept installs with the last of the Helm programs what TestTheChart does not
// have: gateways with a spool, a tracker with a volume, a certificate, and policies.
//
//nolint:paralleltest // one cluster, one step after the other
func TestWhatIsKept(t *testing.T) {
	programs := helms(t)
	s := setup(t, "penstock-e2e-kept", programs[len(programs)-1])
	s.values = append(s.values, "kept.yaml")
	s.disks(t)
	s.certify(t, "first")
	s.upgrade(t)
	require.Contains(t, s.helm(t, "test", release, "--timeout", "5m"), "Phase:          Succeeded")
	s.traffic.Start(t, target, 20)
	s.traffic.Flow(t, 100)

	for _, step := range []struct {
		name string
		run  func(*testing.T, *site)
	}{
		{"an outage of the broker is spooled", spool},
		{"a certificate is replaced without a restart", replaceCertificate},
		{"an upgrade keeps the volumes", upgradeKept},
		{"policies let in whom they name", policies},
	} {
		before := s.traffic.Report(t)
		if !t.Run(step.name, func(t *testing.T) { step.run(t, s) }) {
			break
		}
		during := s.traffic.Report(t).Since(before)
		t.Logf("%s: %s", step.name, during)
		require.Zero(t, during.FailedAll, "%v", during.Failed)
	}
	all := s.traffic.Settle(t)
	t.Logf("in all: %s", all)
	require.Zero(t, all.Missing)
	s.uninstall(t)
	claims := s.kubectl(t, "get", "persistentvolumeclaims", "-o", "name")
	require.Contains(t, claims, "spool-penstock-gateway-0", "a spool may hold events: its claim stays")
	require.NotContains(t, claims, "penstock-tracker")
}

// disks makes volumes in a cluster that has no default storage class.
func (s *site) disks(t *testing.T) {
	t.Helper()
	if strings.Contains(trial.Run(t, time.Minute, "kubectl", "get", "storageclasses"), "(default)") {
		return
	}
	t.Cleanup(func() {
		trial.Run(t, 2*time.Minute, "kubectl", "delete", "persistentvolumes", "--selector=app=penstock-e2e", "--wait=false")
	})
	s.apply(t, "disks.yaml")
	s.kubectl(t, "wait", "pod/disks", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=2m")
}

// upgradeKept replaces the images, one gateway with its volume after the other.
func upgradeKept(t *testing.T, s *site) {
	s.upgrade(t, "image.tag=next")
	s.traffic.Flow(t, 100)
	require.Contains(t, s.helm(t, "test", release, "--timeout", "5m"), "Phase:          Succeeded")
}
