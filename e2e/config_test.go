package e2e

import (
	"net/http"
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
