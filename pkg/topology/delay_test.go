package topology_test

import (
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

func TestEveryDelayWaitsExactlySoLongAndEndsAtItsRouteAlone(t *testing.T) {
	t.Parallel()
	b := broker{plan("invoices", "1", "0", "a-b").Topology()}
	rapid.Check(t, func(t *rapid.T) {
		route := rapid.SampledFrom([]string{"invoices", "1", "0", "a-b"}).Draw(t, "route")
		seconds := rapid.IntRange(0, topology.MaxDelay).Draw(t, "seconds")
		queues, waited, hops := b.journey(topology.Delay(route, seconds))
		require.Equal(t, []string{topology.RouteQueue(route)}, queues)
		require.EqualValues(t, seconds*1000, waited)
		require.Equal(t, strings.Count(strings.TrimSuffix(key(seconds), "x"), "1"), hops, "one hop for each bit")
	})
}

func key(seconds int) string {
	_, k := topology.Delay("x", seconds)
	return k
}

func TestADelayOfAGoneRouteEndsInTheOrphanQueue(t *testing.T) {
	t.Parallel()
	queues, waited, _ := broker{plan("invoices").Topology()}.journey(topology.Delay("gone", 5))
	require.Equal(t, []string{topology.Orphan}, queues)
	require.EqualValues(t, 5000, waited)
}

func TestDelaysOutOfRangeAreTheNearestInIt(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ seconds, like int }{
		"negative":  {-5, 0},
		"too long":  {topology.MaxDelay + 1, topology.MaxDelay},
		"overflows": {1 << 40, topology.MaxDelay},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			exchange, k := topology.Delay("r", tt.seconds)
			wantExchange, wantKey := topology.Delay("r", tt.like)
			require.Equal(t, wantExchange, exchange)
			require.Equal(t, wantKey, k)
		})
	}
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
