package topology_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/topology"
)

func TestQueueNamesLeadBackToTheirRoute(t *testing.T) {
	t.Parallel()
	for _, queue := range []string{topology.RouteQueue("invoices"), topology.DeadQueue("invoices")} {
		route, ok := topology.RouteOf(queue)
		require.True(t, ok)
		require.Equal(t, "invoices", route)
	}
	for _, queue := range []string{topology.Dead, topology.Ready, topology.DelayQueue(3), ""} {
		_, ok := topology.RouteOf(queue)
		require.False(t, ok, queue)
	}
}

func TestAnEventKeyIsSourceAndType(t *testing.T) {
	t.Parallel()
	require.Equal(t, "github.pull_request.opened", topology.EventKey("github", "pull_request.opened"))
}
