package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAChangedConfigurationTakesEffectWithoutARestart(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	gateway := s.startGateway()
	s.startDeliverer()
	s.receiver.await(s.accept(newGithubEvent(1)), 1)

	s.configure("sources: {github: {provider: nonsense}}")
	require.Eventually(t, func() bool {
		_, page := gateway.get("/metrics")
		return containsLine(page, "penstock_config_last_reload_success 0")
	}, 30*time.Second, 50*time.Millisecond)
	s.receiver.await(s.accept(newGithubEvent(2)), 1) // the last good one stays in force

	s.configure(withOpenSource)
	require.Eventually(t, func() bool {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/in/open", http.NoBody)
		require.NoError(t, err)
		a, err := do(s.client, req)
		require.NoError(t, err)
		return a.status == http.StatusAccepted
	}, 30*time.Second, 100*time.Millisecond)
	require.Eventually(t, func() bool {
		_, page := gateway.get("/metrics")
		return containsLine(page, "penstock_config_last_reload_success 1") &&
			containsLine(page, `penstock_config_reloads_total{result="accepted"} 2`) // the start, and the change
	}, 30*time.Second, 50*time.Millisecond)
}

// Where processes only check, a new route needs an operator who declares its topology.
func TestARouteWithoutTopologyIsShownWhereProcessesOnlyCheck(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	s.startGateway().stop() // which declares it
	s.env["PENSTOCK_TOPOLOGY"] = "check"
	gateway := s.startGateway()
	succeeds := func(value string) func() bool {
		return func() bool {
			_, page := gateway.get("/metrics")
			return containsLine(page, "penstock_config_last_reload_success "+value)
		}
	}
	require.Eventually(t, succeeds("1"), 30*time.Second, 50*time.Millisecond)

	s.configure(plain + "  second: {from: [github], to: receiver}\n")
	require.Eventually(t, succeeds("0"), 30*time.Second, 50*time.Millisecond)
	status, text := gateway.get("/readyz?verbose")
	require.Equal(t, http.StatusOK, status, "a load balancer sends on")
	require.Contains(t, text, "penstock.route.second")
	require.NotContains(t, text, `"configuration":"ok"`)

	s.env["PENSTOCK_TOPOLOGY"] = "declare"
	s.startDeliverer()
	require.Eventually(t, succeeds("1"), 90*time.Second, 50*time.Millisecond, "a gateway looks again within a minute")
	_, text = gateway.get("/readyz?verbose")
	require.Contains(t, text, `"configuration":"ok"`)
	s.receiver.await(s.accept(newGithubEvent(1)), 2)
}

// SIGHUP makes every process read its configuration again, and ends none.
func TestAHangupUnderLoadReloadsAndKillsNothing(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	gateway, deliverer, tracker := s.startGateway(), s.startDeliverer(), s.startTracker()
	enough := make(chan struct{})
	sent := s.load(loadPlan{workers: 4, stop: enough})
	for _, p := range []*process{gateway, deliverer, tracker.process} {
		require.Eventually(t, func() bool { return p.reloads() > 0 }, 30*time.Second, 20*time.Millisecond, "the start counts as one")
		read := p.reloads()
		require.NoError(t, p.cmd.Process.Signal(syscall.SIGHUP))
		require.Eventually(t, func() bool { return p.reloads() > read }, 30*time.Second, 20*time.Millisecond, p.name)
	}
	before := sent.acceptedCount()
	require.Eventually(t, func() bool { return sent.acceptedCount() > before+100 }, 30*time.Second, 10*time.Millisecond)
	close(enough)
	ids := sent.wait()
	require.Zero(t, sent.failed())
	require.Zero(t, s.receiver.awaitAll(ids))
	for _, p := range []*process{gateway, deliverer, tracker.process} {
		require.True(t, p.alive(), p.name)
	}
}

// reloads counts how often the process took its configuration.
func (p *process) reloads() (n int) {
	_, page := p.get("/metrics")
	const name = `penstock_config_reloads_total{result="accepted"} `
	if _, after, found := strings.Cut(page, "\n"+name); found {
		_, _ = fmt.Sscan(after, &n)
	}
	return n
}

func TestAWrongStartNamesEveryProblemAndExitsWithTwo(t *testing.T) {
	t.Parallel()
	s := setup(t, "sources: {github: {provider: githup}, x: {}}\nroutes: {r: {from: [nobody], to: nowhere}}\n")
	for _, program := range []struct {
		name string
		args []string
	}{{"gateway", nil}, {"worker", []string{"deliver"}}} {
		p := start(t, program.name, program.args, s.settings(map[string]string{"PENSTOCK_LISTEN": freeAddress(t)}))
		select {
		case <-p.ended:
		case <-time.After(30 * time.Second):
			require.Fail(t, "it runs with a wrong configuration", program.name)
		}
		require.Equal(t, 2, p.cmd.ProcessState.ExitCode(), program.name)
		for _, want := range []string{"githup", "github", "nobody", "nowhere", "penstock.yaml:1:"} {
			require.Contains(t, p.log.String(), want, program.name)
		}
	}
}
