package topology_test

import (
	"math/bits"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/topology"
)

func plan(routes ...string) topology.Plan {
	p := topology.Plan{Archive: true, ArchiveMaxAge: "7D", ArchiveMaxBytes: 20 << 30}
	for _, r := range routes {
		p.Routes = append(p.Routes, topology.Route{Name: r})
	}
	return p
}

// broker is a model of RabbitMQ's topic exchanges and expiring queues.
type broker struct{ amqpx.Topology }

// journey follows a message until it comes to queues where nothing expires. It returns
// those, the milliseconds waited, and the hops.
func (b broker) journey(exchange, key string) (queues []string, waited int64, hops int) {
	at := []string{}
	b.route(exchange, key, &at)
	for len(at) == 1 && b.args(at[0])["x-message-ttl"] != nil {
		args := b.args(at[0])
		waited += args["x-message-ttl"].(int64)
		hops++
		at = []string{}
		if fixed, ok := args["x-dead-letter-routing-key"].(string); ok {
			key = fixed
		}
		b.route(args["x-dead-letter-exchange"].(string), key, &at)
	}
	return at, waited, hops
}

func (b broker) route(exchange, key string, into *[]string) {
	before := len(*into)
	for _, binding := range b.Bindings {
		if binding.Source != exchange || !b.matches(exchange, binding.Key, key) {
			continue
		}
		if binding.Queue != "" {
			*into = append(*into, binding.Queue)
		} else {
			b.route(binding.Exchange, key, into)
		}
	}
	for _, e := range b.Exchanges {
		if alternate, ok := e.Args["alternate-exchange"].(string); ok && e.Name == exchange && len(*into) == before {
			b.route(alternate, key, into)
		}
	}
}

func (b broker) matches(exchange, pattern, key string) bool {
	for _, e := range b.Exchanges {
		switch {
		case e.Name != exchange:
		case e.Kind == "fanout":
			return true
		case e.Kind == "direct":
			return pattern == key
		default:
			return topic(strings.Split(pattern, "."), strings.Split(key, "."))
		}
	}
	return false
}

func topic(pattern, key []string) bool {
	switch {
	case len(pattern) == 0:
		return len(key) == 0
	case pattern[0] == "#":
		return topic(pattern[1:], key) || len(key) > 0 && topic(pattern, key[1:])
	default:
		return len(key) > 0 && (pattern[0] == "*" || pattern[0] == key[0]) && topic(pattern[1:], key[1:])
	}
}

func (b broker) args(queue string) map[string]any {
	for _, q := range b.Queues {
		if q.Name == queue {
			return q.Args
		}
	}
	return nil
}

// A level is at most half as long again as the one below it, so one is within a fifth of
// any delay.
func TestTheLevelsAreCloseEnough(t *testing.T) {
	t.Parallel()
	levels := topology.Levels()
	require.Len(t, levels, 32)
	for i, level := range levels[1:] {
		require.Less(t, levels[i], level)
		require.True(t, levels[i] < 2 || 2*level <= 3*levels[i], "%d and %d", levels[i], level)
	}
	require.Equal(t, topology.LongestLevel, levels[len(levels)-1])
}

func TestALevelIsTheLongestThatFits(t *testing.T) {
	t.Parallel()
	levels := topology.Levels()
	rapid.Check(t, func(t *rapid.T) {
		seconds := rapid.IntRange(-10, 2*topology.LongestLevel).Draw(t, "seconds")
		want := levels[0]
		for _, level := range levels {
			if level <= seconds {
				want = level
			}
		}
		require.Equal(t, want, topology.Level(seconds))
		back, ok := topology.LevelOf(topology.LevelQueue(want))
		require.True(t, ok)
		require.Equal(t, want, back)
	})
	for _, queue := range []string{"penstock.level.", "penstock.level.x", "penstock.level.-4", "penstock.delay.04", topology.Return} {
		_, ok := topology.LevelOf(queue)
		require.False(t, ok, queue)
	}
}

// No level leads to another: one that stands still holds up nothing but itself, and what
// holds up a level is one queue alone.
func TestEachLevelWaitsSoLongAndLeadsToTheReturnsAlone(t *testing.T) {
	t.Parallel()
	b := broker{plan("invoices").Topology()}
	for _, seconds := range topology.Levels() {
		queues, waited, hops := b.journey(topology.Delay, topology.LevelQueue(seconds))
		require.Equal(t, []string{topology.Return}, queues)
		require.EqualValues(t, seconds*1000, waited)
		require.Equal(t, 1, hops)
	}
}

// oldKey is how a process before version 1 delayed a message.
func oldKey(route string, seconds int) (exchange, key string) {
	key = route
	for bit := range 20 {
		key = strconv.Itoa(seconds>>bit&1) + "." + key
	}
	return topology.BitLevel(bits.Len(uint(seconds)) - 1), key
}

func TestWhatAnOldProcessDelayedStillComesToItsRoute(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		seconds := rapid.IntRange(1, 1<<20-1).Draw(t, "seconds")
		queues, waited, _ := broker{before("invoices", "1", "a-b")}.journey(oldKey("a-b", seconds))
		require.Equal(t, []string{topology.RouteQueue("a-b")}, queues)
		require.EqualValues(t, seconds*1000, waited)
	})
}

// before is a plan's topology beside what an old process declared.
func before(routes ...string) amqpx.Topology {
	t, old := plan(routes...).Topology(), topology.BitLevels()
	t.Exchanges = append(t.Exchanges, old.Exchanges...)
	t.Queues = append(t.Queues, old.Queues...)
	t.Bindings = append(t.Bindings, old.Bindings...)
	for _, r := range routes {
		t.Bindings = append(t.Bindings, amqpx.Binding{Source: topology.Ready, Key: "#." + r, Queue: topology.RouteQueue(r)})
	}
	return t
}

func TestAnEventGoesToAQueueByItsName(t *testing.T) {
	t.Parallel()
	p := plan("invoices", "refunds")
	p.Exchange = true
	for _, queue := range []string{
		topology.RouteQueue("invoices"), topology.DeferredQueue("refunds"), topology.Archive, topology.DeferredArchive,
	} {
		queues, _, _ := broker{p.Topology()}.journey(topology.Routes, queue)
		require.Equal(t, []string{queue}, queues)
	}
	queues, _, _ := broker{p.Topology()}.journey(topology.Routes, topology.DeadQueue("invoices"))
	require.Empty(t, queues)
	queues, _, _ = broker{p.Topology()}.journey(topology.Events, "github.push")
	require.Equal(t, []string{topology.Unrouted}, queues, "only queues of others are bound there")
}

func TestADeadLetterGoesToItsRoutesQueue(t *testing.T) {
	t.Parallel()
	queues, _, _ := broker{plan("invoices", "refunds").Topology()}.journey(topology.Dead, "refunds")
	require.Equal(t, []string{topology.DeadQueue("refunds")}, queues)
}
