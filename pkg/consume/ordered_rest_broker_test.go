package consume_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
)

// attempts notes which attempt each delivery was.
type attempts struct {
	mu   sync.Mutex
	seen map[int]int // how many deliveries were this attempt
}

func (a *attempts) note(e *event.Event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.seen == nil {
		a.seen = map[int]int{}
	}
	a.seen[e.Attempt]++
}

func TestAPausedDestinationKeepsTheOrderAndCostsNoAttempt(t *testing.T) {
	t.Parallel()
	const keys, each = 5, 20
	w := orderedWorld(t, 2)
	var l ledger
	var tries attempts
	o := orderedOptions(func(_ context.Context, e *event.Event) error {
		tries.note(e)
		l.succeed(e.Body)
		return nil
	}, 2)
	o.Gate = new(consume.Gate)
	w.deliverer(t, o)
	for n := range each {
		o.Gate.Hold(n%2 == 1) // paused and resumed again and again
		for k := range keys {
			w.send(t, fmt.Sprint("key", k), n)
		}
	}
	o.Gate.Hold(true)
	before := settled(t, &l)
	w.send(t, "late", 0)
	require.Equal(t, before, settled(t, &l), "nothing is delivered while the destination is paused")
	o.Gate.Hold(false)

	require.Eventually(t, func() bool { return l.count() == keys*each+1 }, 2*patience, 50*time.Millisecond, "all events arrive")
	require.Empty(t, l.wrong)
	require.Equal(t, map[int]int{1: keys*each + 1}, tries.seen, "each was tried once")
}

// settled waits until nothing more is delivered, and returns how much was.
func settled(t *testing.T, l *ledger) int {
	t.Helper()
	last, quiet := -1, 0
	require.Eventually(t, func() bool {
		if now := l.count(); now != last {
			last, quiet = now, 0
		}
		quiet++
		return quiet > 20
	}, patience, 50*time.Millisecond)
	return last
}

func TestAFullPartitionHoldsEventsBackAndLosesNone(t *testing.T) {
	t.Parallel()
	const keys, each, limit = 4, 120, 5 // more than the partition and the sequencer hold unacknowledged
	w := orderedWorld(t, 1)
	w.vhost.Limit(t, `^penstock\.(partition|parked)\.`, limit)
	var l ledger
	healthy := make(chan struct{})
	w.deliverer(t, orderedOptions(func(ctx context.Context, e *event.Event) error {
		select {
		case <-healthy:
		case <-ctx.Done():
			return ctx.Err()
		}
		l.succeed(e.Body)
		return nil
	}, 1))
	for n := range each {
		for k := range keys {
			w.send(t, fmt.Sprint("key", k), n)
		}
	}
	waits := func() bool { return w.vhost.Depth(t, topology.RouteQueue("orders")) > 0 }
	require.Eventually(t, waits, patience, 50*time.Millisecond, "events wait in front of the full partition")
	close(healthy)
	require.Eventually(t, func() bool { return l.count() == keys*each }, 2*patience, 50*time.Millisecond, "all events arrive")
	require.Empty(t, l.wrong)
	require.Zero(t, w.vhost.Depth(t, topology.DeadQueue("orders")))
}

func TestAReplayedEventOfAnOrderedRouteIsDeliveredAgainAmongTheOthers(t *testing.T) {
	t.Parallel()
	w := orderedWorld(t, 2)
	type arrival struct{ body, replay string }
	arrivals := make(chan arrival, 16)
	w.deliverer(t, orderedOptions(func(_ context.Context, e *event.Event) error {
		arrivals <- arrival{string(e.Body), e.Replay.ID}
		return nil
	}, 2))
	w.send(t, "key", 0)
	require.Equal(t, arrival{"key 0", ""}, <-arrivals)

	w.replay(t, "key", 0, "replay-1")
	w.send(t, "key", 1)
	require.Equal(t, arrival{"key 0", "replay-1"}, <-arrivals)
	require.Equal(t, arrival{"key 1", ""}, <-arrivals)
}

// replay puts an event of a key into the route's queue once more, as a replay does.
func (w *world) replay(t *testing.T, key string, n int, id string) {
	t.Helper()
	e := &event.Event{
		ID: event.NewID(), Source: "shop", Type: key, ReceivedAt: time.Now(), Request: event.Request{Method: "POST"},
		Replay: event.Replay{ID: id, At: time.Now()}, Body: fmt.Appendf(nil, "%s %d", key, n),
	}
	m, err := event.Encode(e)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	require.NoError(t, w.publisher.Publish(ctx, amqpx.Publication{Key: topology.RouteQueue("orders"), Message: m}))
}
