package provision_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/provision"
	"github.com/penstock/penstock/pkg/settings"
	"github.com/penstock/penstock/pkg/topology"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const file = `
sources:
  shop: {open: true}
  git: {provider: github, secrets: ["${SECRET}"], quarantine: true}
destinations:
  out: {url: "https://out.example/"}
routes:
  orders: {from: [shop], types: ["order.*"], to: out, ordering: {key: "body.id", partitions: 4}}
  all: {from: [shop, git], to: out}
`

func parse(t *testing.T) *config.Config {
	t.Helper()
	c, err := config.Parse("penstock.yaml", []byte(file), nil, config.NoSecrets)
	require.NoError(t, err)
	return c
}

func TestThePlanIsWhatTheSettingsAndTheConfigurationSay(t *testing.T) {
	t.Parallel()
	s := &settings.AMQP{Archive: true, ArchiveMaxAge: "7D", ArchiveMaxBytes: "20GB", QuarantineMaxAge: "1D", QuarantineMaxBytes: "500MB"}
	require.Equal(t, topology.Plan{
		Archive: true, ArchiveMaxAge: "7D", ArchiveMaxBytes: 20_000_000_000,
		Quarantine: true, QuarantineMaxAge: "1D", QuarantineMaxBytes: 500_000_000,
		Routes: []topology.Route{
			{Name: "all"},
			{Name: "orders", Partitions: 4},
		},
	}, provision.Plan(s, parse(t)))
}

func TestAPlanIsDeclaredOrOnlyChecked(t *testing.T) {
	t.Parallel()
	broker, plan := amqpx.Config{URLs: []string{amqptest.Broker(t)}}, provision.Plan(new(settings.AMQP), parse(t))
	ensure := func(how string) error {
		s, err := provision.Ensure(t.Context(), provision.Access{Broker: broker, Topology: how}, plan)
		require.NoError(t, err)
		return s.Err()
	}
	require.ErrorContains(t, ensure(settings.Check), topology.RouteQueue("orders"))
	require.NoError(t, ensure(settings.Declare))
	require.NoError(t, ensure(settings.Check))
}
