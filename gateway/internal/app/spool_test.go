package app_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/penstock/penstock/gateway/internal/app"
	"github.com/penstock/penstock/gateway/internal/httpapi"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/settings"
	"github.com/penstock/penstock/pkg/topology"
)

// spooling is yaml with a second source, and the first one spools.
var spooling = strings.Replace(yaml, `"${SECRET}"]}`, `"${SECRET}"], onBrokerOutage: spool}
  other: {provider: github, secrets: ["${SECRET}"]}`, 1)

// spoolIn sets the folder of the spool.
func spoolIn(dir string) func(*app.Settings) {
	return func(s *app.Settings) { s.SpoolDir, s.SpoolMaxBytes = dir, 1<<20 }
}

// shows reports whether the metrics have a line.
func (b *bundle) shows(line string) bool {
	return strings.Contains(b.admin("/metrics").body, line+"\n")
}

func TestAnOutageIsSpooledAndDrainedWhenItEnds(t *testing.T) {
	t.Parallel()
	node := amqptest.Private(t)
	broker := node.Vhost(t).URL
	b := setup(t, broker, spooling, spoolIn(t.TempDir()))
	require.Eventually(t, func() bool { return b.post("other", "{}").status == http.StatusOK }, 2*waitFor, tick)
	node.Stop(t)

	accepted := map[string]bool{}
	for range 50 {
		r := b.post("github", "{}")
		require.Equal(t, http.StatusOK, r.status, r.body)
		accepted[r.header.Get(httpapi.HeaderEventID)] = true
	}
	require.Len(t, accepted, 50)
	require.Equal(t, http.StatusServiceUnavailable, b.post("other", "{}").status, "it does not say that it spools")
	ready := b.admin("/readyz")
	require.Equal(t, http.StatusOK, ready.status, "a load balancer must go on sending")
	require.Contains(t, ready.body, "spooling")
	require.True(t, b.shows("penstock_spool_events 50"))

	node.Start(t)
	requireDelivered(t, accepted, consume(t, broker, topology.RouteQueue("pushes")))
	require.Eventually(t, func() bool { return b.shows("penstock_spool_events 0") }, waitFor, tick)
}

func TestAFullSpoolAnswersAsWithoutOne(t *testing.T) {
	t.Parallel()
	const nobody = "amqp://127.0.0.1:1/"
	b := setup(t, nobody, spooling, spoolIn(t.TempDir()), func(s *app.Settings) { s.SpoolMaxBytes = 4000 })
	require.Equal(t, http.StatusOK, b.admin("/readyz").status)
	full := func() bool {
		r := b.post("github", "{}")
		return r.status == http.StatusServiceUnavailable && r.header.Get("Retry-After") != ""
	}
	require.Eventually(t, full, waitFor, tick)
	require.Equal(t, http.StatusServiceUnavailable, b.admin("/readyz").status, "it never saw its topology, and another gateway may have room")
}

func TestAGatewayThatNeverSawABrokerSpools(t *testing.T) {
	t.Parallel()
	broker, dir := amqptest.Broker(t), t.TempDir()
	b := setup(t, "amqp://127.0.0.1:1/", spooling, spoolIn(dir)).ready(t)
	r := b.post("github", "{}")
	require.Equal(t, http.StatusOK, r.status, r.body)
	require.NoError(t, b.stop())

	setup(t, broker, yaml, spoolIn(dir)).ready(t) // even when no source spools any more
	requireDelivered(t, map[string]bool{r.header.Get(httpapi.HeaderEventID): true}, consume(t, broker, topology.RouteQueue("pushes")))
}

func TestASpoolWithoutAFolderStopsTheStart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "penstock.yaml")
	require.NoError(t, os.WriteFile(path, []byte(spooling), 0o600))
	_, err := app.New(t.Context(), app.Settings{Process: settings.Process{Config: path}}, env, zap.NewNop())
	var refused *config.Error
	require.ErrorAs(t, err, &refused)
	require.ErrorContains(t, err, path+": sources.github.onBrokerOutage: spool needs a folder on disk: set PENSTOCK_SPOOL_DIR")
}

func TestAReloadThatWantsASpoolWithoutAFolderIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t, amqptest.Broker(t), yaml).ready(t)
	require.NoError(t, os.WriteFile(b.config, []byte(spooling), 0o600))
	require.Eventually(t, func() bool { return b.shows("penstock_config_last_reload_success 0") }, waitFor, tick)
	require.Equal(t, http.StatusNotFound, b.post("other", "{}").status)
}
