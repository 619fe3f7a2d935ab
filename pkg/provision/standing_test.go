package provision_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/provision"
	"github.com/penstock/penstock/pkg/settings"
	"github.com/penstock/penstock/pkg/topology"
)

// three is a configuration with a route of each kind. Each source has routes of its own, and
// shared has one more, to the first.
const three = `
sources: {a: {open: true}, b: {open: true}, c: {open: true}, shared: {open: true}}
destinations: {out: {url: "https://out.example/"}}
routes:
  plain: {from: [a, shared], to: out}
  ordered: {from: [b, shared], to: out, ordering: {key: body.id, partitions: 2}}
  other: {from: [c], to: out}
`

func quorum(more map[string]any) map[string]any {
	args := map[string]any{"x-queue-type": "quorum", "x-overflow": "reject-publish"}
	maps.Copy(args, more)
	return args
}

func TestWhatTheBrokerRefusesOfARouteStopsOnlyWhatNeedsIt(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		queue  amqpx.Queue // that is there already
		text   string      // of what is refused
		route  string
		absent bool
		change bool
		closed []string // sources
	}{
		"plain, and now it is to be ordered": {
			amqpx.Queue{Name: topology.RouteQueue("ordered"), Args: quorum(map[string]any{"x-delivery-limit": int64(20), "x-dead-letter-exchange": "penstock.dead"})},
			"give the ordered route a new name", "ordered", false, true, nil,
		},
		"other partitions": {
			amqpx.Queue{Name: topology.RouteQueue("ordered"), Args: quorum(map[string]any{"x-delivery-limit": int64(1_000_000_004), "x-single-active-consumer": true})},
			"x-delivery-limit is 1000000004, wanted 1000000002", "ordered", false, true, nil,
		},
		"ordered, and now it is to be plain": {
			amqpx.Queue{Name: topology.RouteQueue("plain"), Args: quorum(map[string]any{"x-delivery-limit": int64(1_000_000_004), "x-single-active-consumer": true})},
			"x-single-active-consumer is true, wanted none", "plain", false, true, nil,
		},
		"another delivery limit": {
			amqpx.Queue{Name: topology.RouteQueue("plain"), Args: quorum(map[string]any{"x-delivery-limit": int64(5)})},
			"x-delivery-limit is 5, wanted 20", "plain", false, false, nil,
		},
		"a classic queue in the way": {
			amqpx.Queue{Name: topology.RouteQueue("plain")},
			"another kind of queue is in the way", "plain", true, false, []string{"a"},
		},
		"a classic queue in the way of an ordered route": {
			amqpx.Queue{Name: topology.RouteQueue("ordered")},
			"another kind of queue is in the way", "ordered", true, false, []string{"b"},
		},
		"a stream in the way of dead letters": {
			amqpx.Queue{Name: topology.DeadQueue("plain"), Args: map[string]any{"x-queue-type": "stream"}},
			"another kind of queue is in the way", "plain", false, false, nil,
		},
		"a partition's queue with a limit": {
			amqpx.Queue{Name: topology.PartitionQueue("ordered", 1), Args: quorum(map[string]any{"x-delivery-limit": int64(20)})},
			"x-single-active-consumer is none, wanted true", "ordered", false, true, nil,
		},
	}
	c, err := config.Parse("penstock.yaml", []byte(three), nil)
	require.NoError(t, err)
	plan := provision.Plan(&settings.AMQP{Archive: true}, c)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			vhost := amqptest.New(t)
			broker := amqpx.Config{URLs: vhost.URLs}
			require.NoError(t, amqpx.Declare(t.Context(), broker, amqpx.Topology{Queues: []amqpx.Queue{tt.queue}}))
			for range 2 {
				s, err := provision.Ensure(t.Context(), provision.Access{Broker: broker, Topology: settings.Declare}, plan)
				require.NoError(t, err)
				require.ErrorContains(t, s.Err(), tt.text)
				require.Equal(t, []string{tt.route}, slices.Collect(maps.Keys(s.ByRoute())))
				require.NoError(t, s.Down)
				require.Equal(t, tt.absent, s.Routes[tt.route].Absent)
				require.Equal(t, tt.change, s.Routes[tt.route].Changed)
				require.Equal(t, tt.closed, slices.Sorted(maps.Keys(s.Closed(c, true))))
			}
			s, err := provision.Ensure(t.Context(), provision.Access{Broker: broker, Topology: settings.Check}, plan)
			require.NoError(t, err)
			require.ErrorContains(t, s.Err(), tt.text)
		})
	}
}

func TestWithoutAnArchiveASourceIsClosedWhenOneOfItsRoutesIsCut(t *testing.T) {
	t.Parallel()
	c, err := config.Parse("penstock.yaml", []byte(three), nil)
	require.NoError(t, err)
	s := provision.Standing{Routes: map[string]provision.Trouble{"plain": {Err: amqpx.ErrNoQueue, Cut: true}}}
	require.Equal(t, []string{"a"}, slices.Sorted(maps.Keys(s.Closed(c, true))))
	require.Equal(t, []string{"a", "shared"}, slices.Sorted(maps.Keys(s.Closed(c, false))))
	require.Empty(t, provision.Standing{}.Closed(c, false))
}

func TestALimitOfQueuesIsNamedAndTheRoutesThatFitWork(t *testing.T) {
	t.Parallel()
	c, err := config.Parse("penstock.yaml", []byte(three), nil)
	require.NoError(t, err)
	plan := provision.Plan(new(settings.AMQP), c)
	vhost := amqptest.New(t)
	broker := amqpx.Config{URLs: vhost.URLs}
	vhost.LimitQueues(t, len(plan.Topology().Queues)-2) // too few for the last route of the plan
	s, err := provision.Ensure(t.Context(), provision.Access{Broker: broker, Topology: settings.Declare}, plan)
	require.NoError(t, err)
	require.NoError(t, s.Down)
	require.ErrorContains(t, s.Err(), "queue limit in vhost '"+vhost.Name+"'")
	require.ErrorContains(t, s.Err(), "set_vhost_limits")
	require.NotContains(t, s.Err().Error(), "other arguments")
	require.NotContains(t, s.Routes, "ordered")
	require.Equal(t, []string{"plain"}, slices.Sorted(maps.Keys(s.Routes)))
	require.Equal(t, []string{"a"}, slices.Sorted(maps.Keys(s.Closed(c, true))))
}

func TestMissingRightsAreReportedByRoute(t *testing.T) {
	t.Parallel()
	c, err := config.Parse("penstock.yaml", []byte(three), nil)
	require.NoError(t, err)
	plan := provision.Plan(new(settings.AMQP), c)
	vhost := amqptest.New(t)
	broker := amqpx.Config{URLs: []string{vhost.Restricted(t, `^(?!penstock\.route\.plain$)`, ".*", ".*")}}
	s, err := provision.Ensure(t.Context(), provision.Access{Broker: broker, Topology: settings.Declare}, plan)
	require.NoError(t, err)
	require.Equal(t, []string{"plain"}, slices.Collect(maps.Keys(s.ByRoute())))
	require.ErrorContains(t, s.Err(), "ACCESS_REFUSED")
}
