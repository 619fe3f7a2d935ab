package app

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.uber.org/zap"

	"github.com/penstock/penstock/gateway/internal/ingest"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/auth"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/fanout"
	"github.com/penstock/penstock/pkg/observe"
	"github.com/penstock/penstock/pkg/reload"
	"github.com/penstock/penstock/pkg/settings"
)

// A configuration that means nothing new may take the place of one that was about to let
// events in again.
func TestAShutGateIsOpenedByAConfigurationThatIsTheSame(t *testing.T) {
	t.Parallel()
	c, err := config.Parse("penstock.yaml", []byte(`
sources: {shop: {open: true}}
destinations: {out: {url: "https://out.example/"}}
routes: {orders: {from: [shop], to: out}}
`), nil)
	require.NoError(t, err)
	metrics, err := ingest.NewMetrics(metricnoop.Meter{}, ingest.Limits{Requests: ingest.NewBudget(1), Bytes: ingest.NewBudget(1)})
	require.NoError(t, err)
	reloads, err := observe.NewReloads(metricnoop.Meter{})
	require.NoError(t, err)
	places, err := fanout.New(fanout.Options{Meter: metricnoop.Meter{}, Log: zap.NewNop()})
	require.NoError(t, err)
	i := installer{
		recover: &recoverer{},

		settings: &Settings{AMQP: settings.AMQP{AMQPURLs: []string{amqptest.Broker(t)}, Topology: settings.Declare}},
		table:    new(ingest.Table),
		metrics:  metrics,
		gate:     newGate(),
		fanout:   places,
		keys:     auth.NewKeySets(t.Context(), auth.KeySetOptions{Log: zap.NewNop()}),
		reloads:  reloads,
		log:      zap.NewNop(),
	}
	i.follower = reload.New(c, reload.Options{Reloads: reloads, Log: i.log})
	i.change(t.Context(), i.follower.Take())
	require.NoError(t, i.gate.topology())

	i.gate.shut(errors.New("somebody deleted a queue"))
	i.change(t.Context(), c)
	require.NoError(t, i.gate.topology())
}
