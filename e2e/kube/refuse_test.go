//go:build kube

package kube_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// refuse upgrades to values that no process starts with. Helm fails, says all that is wrong,
// and nothing has changed.
func refuse(t *testing.T, s *site) {
	state := func() string {
		deployments := s.kubectl(t, "get", "deployments", "--selector=app.kubernetes.io/instance="+release,
			"-o", "jsonpath={range .items[*]}{.metadata.name} {.metadata.generation} {end}")
		return deployments + s.kubectl(t, "get", "configmap/penstock-config", "-o", "jsonpath={.data}")
	}
	before, start := state(), s.traffic.Report(t)
	for name, wrong := range map[string]struct{ sets, says []string }{
		"settings and configuration": {
			[]string{
				"config.routes.everything.to=nowhere", "env.PENSTOCK_STATUS_MAX_BYTES=5XB", "gateway.env.PENSTOCK_PUBLISH_TIMEOUT=banana",
				"workerDefaults.env.PENSTOCK_LOG_LEVEL=loud", "tracker.env.PENSTOCK_GATEWAY_URL=hooks",
			},
			[]string{"nowhere", "PENSTOCK_STATUS_MAX_BYTES", "PENSTOCK_PUBLISH_TIMEOUT", "PENSTOCK_LOG_LEVEL", "PENSTOCK_GATEWAY_URL"},
		},
		"a port that is none":     {[]string{"broker.hosts={rabbitmq:99999}"}, []string{"PENSTOCK_AMQP_URLS: URL 1"}},
		"a broker without a port": {[]string{"broker.hosts={rabbitmq}"}, []string{"hosts"}},
		"a size":                  {[]string{"archive.maxBytes=5XB"}, []string{"maxBytes"}},
		"an age":                  {[]string{"archive.maxAge=banana"}, []string{"maxAge"}},
		"a misspelt setting":      {[]string{"gateway.env.PENSTOCK_PUBLISH_TIMOUT=5s"}, []string{"PENSTOCK_PUBLISH_TIMOUT"}},
	} {
		said, err := s.tryUpgrade(wrong.sets...)
		require.Error(t, err, name)
		for _, word := range wrong.says {
			require.Contains(t, said, word, name)
		}
	}
	require.Equal(t, before, state(), "nothing has changed")
	s.traffic.Flow(t, 60)
	require.Zero(t, s.traffic.Report(t).Since(start).FailedAll)
}
