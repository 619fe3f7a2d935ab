package topology_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/topology"
)

func TestWhoDeclaresLacksNothingWithTheRightsOfThatRole(t *testing.T) {
	t.Parallel()
	s := declared(t, plan("invoices"))
	for _, role := range topology.Roles() {
		lacking, err := amqpx.Lacking(s.ctx, s.cfg, plan("invoices").Rights(role))
		require.NoError(t, err)
		require.Empty(t, lacking, role)
	}
	require.Empty(t, plan().Rights("nobody"))
}

func TestATopologyIsDeclaredWithTheRightsOnPenstockAlone(t *testing.T) {
	t.Parallel()
	vhost := amqptest.New(t)
	s := declared(t, plan())
	cfg := amqpx.Config{URLs: []string{vhost.Restricted(t, `^penstock\.`, `^penstock\.`, `^penstock\.`)}}
	require.NoError(t, amqpx.Declare(s.ctx, cfg, plan("invoices").Topology()))
	lacking, err := amqpx.Lacking(s.ctx, cfg, plan("invoices").Rights(topology.RoleTopology))
	require.NoError(t, err)
	require.Empty(t, lacking)
	lacking, err = amqpx.Lacking(s.ctx, cfg, plan("invoices").Rights(topology.RoleDeliverer))
	require.NoError(t, err)
	require.Equal(t, []amqpx.Right{{Kind: amqpx.Write, Name: "amq.default"}}, lacking)
}

func TestADelivererReadsTheWorkOfRoutesAndNotTheirDeadLetters(t *testing.T) {
	t.Parallel()
	rights := plan("invoices").Rights(topology.RoleDeliverer)
	require.True(t, slices.Contains(rights, amqpx.Right{Kind: amqpx.Read, Name: topology.RouteQueue("invoices")}))
	require.False(t, slices.Contains(rights, amqpx.Right{Kind: amqpx.Read, Name: topology.DeadQueue("invoices")}))
	require.True(t, slices.Contains(plan("invoices").Rights(topology.RoleTracker), amqpx.Right{Kind: amqpx.Read, Name: topology.DeadQueue("invoices")}))
}
