package topology_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/topology"
)

// What is dead-lettered at least once is lost silently without reject-publish, and so is
// the oldest message of any queue that a policy limits. A kept message is dropped by
// RabbitMQ 4 without a delivery limit of its own.
func TestNoQueueCanLoseAMessageSilently(t *testing.T) {
	t.Parallel()
	p := plan("invoices")
	p.Routes = append(p.Routes, topology.Route{Name: "orders", Partitions: 4})
	for _, q := range p.Topology().Queues {
		switch {
		case q.Args["x-queue-type"] == "stream":
			require.NotEmpty(t, q.Args["x-max-age"], "%s grows for ever", q.Name)
		case q.Args["x-dead-letter-exchange"] != nil:
			require.Equal(t, "quorum", q.Args["x-queue-type"], q.Name)
			require.Equal(t, "at-least-once", q.Args["x-dead-letter-strategy"], q.Name)
			require.Equal(t, "reject-publish", q.Args["x-overflow"], q.Name)
		case q.Name == topology.Pulse:
			require.Equal(t, int64(1), q.Args["x-max-length"], "no event is ever published there")
		case q.Name == topology.Canary:
			require.Equal(t, "drop-head", q.Args["x-overflow"], "no event is ever published there")
		default:
			require.Equal(t, "quorum", q.Args["x-queue-type"], q.Name)
			require.Equal(t, "reject-publish", q.Args["x-overflow"], q.Name)
			require.Greater(t, q.Args["x-delivery-limit"], int64(1_000_000), q.Name)
		}
	}
}

func TestTheQueuesOfAnOrderedRouteHaveOneActiveConsumer(t *testing.T) {
	t.Parallel()
	queues := map[string]map[string]any{}
	for _, q := range (topology.Plan{Routes: []topology.Route{{Name: "orders", Partitions: 2}}}).Topology().Queues {
		queues[q.Name] = q.Args
	}
	for _, name := range []string{
		topology.RouteQueue("orders"), topology.PartitionQueue("orders", 0), topology.PartitionQueue("orders", 1),
		topology.ParkedQueue("orders", 0), topology.ParkedQueue("orders", 1),
	} {
		require.Equal(t, true, queues[name]["x-single-active-consumer"], name)
	}
	require.NotContains(t, queues, topology.PartitionQueue("orders", 2))
}

func TestTheSamePlanIsTheSameTopology(t *testing.T) {
	t.Parallel()
	once, again := plan("a", "b").Topology(), plan("a", "b").Topology()
	require.Equal(t, once, again)
}

func TestWithoutStreamsNoneIsDeclared(t *testing.T) {
	t.Parallel()
	plan := topology.Plan{
		Routes: []topology.Route{{Name: "plain"}, {Name: "ordered", Partitions: 2}}, Archive: true, Quarantine: true, NoStreams: true,
	}
	kinds := map[string]map[string]any{}
	for _, q := range plan.Topology().Queues {
		require.Equal(t, "quorum", q.Args["x-queue-type"], q.Name)
		kinds[q.Name] = q.Args
	}
	require.NotContains(t, kinds, topology.Archive)
	require.NotContains(t, kinds, topology.Quarantine)
	for _, name := range []string{topology.Status, topology.Control, topology.Reports} {
		require.Equal(t, "drop-head", kinds[name]["x-overflow"], "a full queue must not stop deliveries")
	}
	require.Equal(t, int64(2<<30), kinds[topology.Status]["x-max-length-bytes"])
	require.Equal(t, []topology.Retention{{Stream: topology.Status, MaxBytes: 2 << 30}}, plan.Retention())
}
