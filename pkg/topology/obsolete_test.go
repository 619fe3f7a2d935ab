package topology_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/topology"
)

func TestOnlyQueuesOfRoutesThatAreGoneAreObsolete(t *testing.T) {
	t.Parallel()
	queues := []string{"penstock.archive", "penstock.orphan", "penstock.level.00001", "other", "penstock.route.kept", "penstock.dead.kept"}
	p := topology.Plan{Routes: []topology.Route{{Name: "kept"}}}
	require.Empty(t, p.ObsoleteQueues(queues))
	gone := []string{"penstock.route.gone", "penstock.dead.gone", "penstock.delay.00"}
	require.Equal(t, gone, p.ObsoleteQueues(append(queues, gone...)))
}

func TestPartitionsThatThePlanDoesNotHaveAreObsolete(t *testing.T) {
	t.Parallel()
	p := topology.Plan{Routes: []topology.Route{{Name: "kept", Partitions: 2}, {Name: "plain"}}}
	var queues []string
	for _, q := range p.Topology().Queues {
		queues = append(queues, q.Name)
	}
	require.Empty(t, p.ObsoleteQueues(queues))
	gone := []string{
		topology.PartitionQueue("kept", 2), topology.ParkedQueue("kept", 2),
		topology.PartitionQueue("plain", 0), topology.ParkedQueue("gone", 0),
	}
	require.Equal(t, gone, p.ObsoleteQueues(append(queues, gone...)))
}

func TestABindingIsObsoleteWhenItFeedsAQueueOfOursWithoutBeingWanted(t *testing.T) {
	t.Parallel()
	p := topology.Plan{Archive: true, Routes: []topology.Route{{Name: "a"}, {Name: "b", Partitions: 2}}}
	require.Empty(t, p.ObsoleteBindings(p.Topology().Bindings))

	wide := amqpx.Binding{Source: topology.Events, Key: "github.#", Queue: topology.RouteQueue("a")}
	gone := amqpx.Binding{Source: topology.Events, Key: "github.push", Queue: topology.RouteQueue("gone")}
	foreign := amqpx.Binding{Source: topology.Events, Key: "github.#", Queue: "analytics"}
	require.Equal(t, []amqpx.Binding{wide, gone}, p.ObsoleteBindings([]amqpx.Binding{wide, gone, foreign}))

	all := p.Topology().Bindings
	p.Archive = false
	byName := func(queue string) amqpx.Binding {
		return amqpx.Binding{Source: topology.Routes, Key: queue, Queue: queue}
	}
	require.Equal(t, []amqpx.Binding{byName(topology.Archive), byName(topology.DeferredArchive)}, p.ObsoleteBindings(all))
	late := byName(topology.DeferredQueue("b"))
	require.Equal(t, []amqpx.Binding{late}, p.ObsoleteBindings([]amqpx.Binding{late, byName(topology.DeferredQueue("a"))}), "an ordered route defers nothing")
}

func TestTheExchangesOfOldLevelsAreObsolete(t *testing.T) {
	t.Parallel()
	var ours []string
	for _, e := range plan("a").Topology().Exchanges {
		ours = append(ours, e.Name)
	}
	require.Empty(t, topology.ObsoleteExchanges(append(ours, "other")))
	var old []string
	for _, e := range topology.BitLevels().Exchanges {
		old = append(old, e.Name)
	}
	require.Equal(t, old, topology.ObsoleteExchanges(append(old, ours...)))
	require.Len(t, old, 21)
}
