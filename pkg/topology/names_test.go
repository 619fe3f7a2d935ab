package topology_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/topology"
)

func TestQueueNamesLeadBackToTheirRoute(t *testing.T) {
	t.Parallel()
	for _, queue := range []string{
		topology.RouteQueue("invoices"), topology.DeadQueue("invoices"),
		topology.PartitionQueue("invoices", 3), topology.ParkedQueue("invoices", 12),
	} {
		route, ok := topology.RouteOf(queue)
		require.True(t, ok)
		require.Equal(t, "invoices", route)
	}
	for _, queue := range []string{topology.Dead, topology.Return, topology.LevelQueue(3), "", "penstock.partition.", "penstock.parked.invoices", "penstock.parked.invoices.x"} {
		_, ok := topology.RouteOf(queue)
		require.False(t, ok, queue)
	}
}

func TestAPartitionsQueuesLeadBackToIt(t *testing.T) {
	t.Parallel()
	for _, queue := range []string{topology.PartitionQueue("invoices", 12), topology.ParkedQueue("invoices", 12)} {
		route, partition, ok := topology.PartitionOf(queue)
		require.True(t, ok)
		require.Equal(t, "invoices", route)
		require.Equal(t, 12, partition)
	}
	_, _, ok := topology.PartitionOf(topology.RouteQueue("invoices"))
	require.False(t, ok)
}

func TestAnEventKeyIsSourceAndType(t *testing.T) {
	t.Parallel()
	require.Equal(t, "github.pull_request.opened", topology.EventKey("github", "pull_request.opened"))
}
