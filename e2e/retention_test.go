package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx/amqptest"
)

func TestAnotherRetentionStopsNoProcessThatIsRestarted(t *testing.T) {
	t.Parallel()
	vhost := amqptest.New(t)
	s := setupOn(t, plain, vhost.URL)
	gateway, deliverer := s.startGateway(), s.startDeliverer()
	s.receiver.await(s.accept(newGithubEvent(1)), 1)
	gateway.stop()
	deliverer.stop()

	s.env["PENSTOCK_ARCHIVE_MAX_AGE"] = "1D"
	s.env["PENSTOCK_STATUS_MAX_BYTES"] = "1GB"
	gateway, deliverer = s.startGateway(), s.startDeliverer()
	s.receiver.await(s.accept(newGithubEvent(2)), 1)
	for _, p := range []*process{gateway, deliverer} {
		require.Contains(t, p.log.String(), "rabbitmqctl set_policy -p '"+vhost.Name+"' penstock-archive")
		_, page := p.get("/metrics")
		require.True(t, containsLine(page, `penstock_config_last_reload_success 1`), page)
	}
	gateway.stop()
	deliverer.stop()
	require.Empty(t, vhost.EffectivePolicy(t, "penstock.archive"))

	s.env["PENSTOCK_MANAGEMENT_URL"] = vhost.Management
	gateway = s.startGateway()
	s.startDeliverer()
	s.receiver.await(s.accept(newGithubEvent(3)), 1)
	require.NotContains(t, gateway.log.String(), "set_policy")
	require.Eventually(t, func() bool { return vhost.EffectivePolicy(t, "penstock.archive")["max-age"] == "1D" }, 20*time.Second, 100*time.Millisecond)
}
