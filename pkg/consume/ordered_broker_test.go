package consume_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/ordering"
	"github.com/penstock/penstock/pkg/retry"
	"github.com/penstock/penstock/pkg/routing/routingtest"
	"github.com/penstock/penstock/pkg/topology"
)

// orderedWorld is a broker with the ordered route "orders". The type of an event is its
// key, and its body its number.
func orderedWorld(t *testing.T, partitions int) *world {
	t.Helper()
	vhost := amqptest.New(t)
	w := &world{vhost: vhost, config: amqpx.Config{URLs: vhost.URLs, Name: t.Name()}}
	plan := topology.Plan{Routes: []topology.Route{{Name: "orders", Partitions: partitions}}}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	require.NoError(t, amqpx.Declare(ctx, w.config, plan.Topology()))
	w.publisher = amqpx.NewPublisher(w.config, amqpx.PublisherOptions{}, zaptest.NewLogger(t))
	t.Cleanup(func() { require.NoError(t, closing(w.publisher.Close)) })
	require.Eventually(t, func() bool { return w.publisher.Ready() == nil }, patience, 10*time.Millisecond)
	w.move(t)
	return w
}

func orderedOptions(h consume.HandlerFunc, partitions int) consume.Options {
	return consume.Options{
		Route: "orders", Handler: h, Partitions: partitions,
		Key:   func(_ context.Context, e *event.Event) (ordering.Key, error) { return ordering.NewKey(e.Type), nil },
		Retry: retry.Policy{Initial: time.Second, Factor: 1, Max: time.Second, MaxAttempts: 100},
	}
}

// deliverer is a process with connections of its own, which can die.
func (w *world) deliverer(t *testing.T, o consume.Options) (die func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	o.Log = zaptest.NewLogger(t, zaptest.Level(zap.WarnLevel))
	go func() { done <- consume.Run(ctx, w.config, o) }()
	var once sync.Once
	die = func() { once.Do(func() { cancel(); require.NoError(t, <-done) }) }
	t.Cleanup(die)
	return die
}

// send publishes an event of a key with its number.
func (w *world) send(t *testing.T, key string, n int) string {
	t.Helper()
	e := &event.Event{
		ID: event.NewID(), Source: "shop", Type: key, ReceivedAt: time.Now(),
		Request: event.Request{Method: "POST"}, Body: fmt.Appendf(nil, "%s %d", key, n),
	}
	m, err := event.Encode(e)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	require.NoError(t, routingtest.Route(ctx, w.publisher, m, "orders"))
	return e.ID
}

// ledger notes the order in which events are done with, by key.
type ledger struct {
	mu    sync.Mutex
	done  map[string][]int // the numbers, each when it first succeeded
	wrong []string
	total int
}

// succeed notes a success, and what is wrong with it.
func (l *ledger) succeed(body []byte) {
	var key string
	var n int
	if _, err := fmt.Sscanf(string(body), "%s %d", &key, &n); err != nil {
		panic(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.done == nil {
		l.done = map[string][]int{}
	}
	switch next := len(l.done[key]); {
	case n == next:
		l.done[key] = append(l.done[key], n)
		l.total++
	case n > next:
		l.wrong = append(l.wrong, fmt.Sprintf("%s: %d came before %d", key, n, next))
	}
}

func (l *ledger) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.total
}

func TestAnOrderedRouteDeliversTheEventsOfAKeyInOrder(t *testing.T) {
	t.Parallel()
	const keys, each = 20, 10
	w := orderedWorld(t, 4)
	var l ledger
	w.deliverer(t, orderedOptions(func(_ context.Context, e *event.Event) error {
		if rand.IntN(10) == 0 {
			return errors.New("no luck")
		}
		l.succeed(e.Body)
		return nil
	}, 4))
	for n := range each {
		for k := range keys {
			w.send(t, fmt.Sprint("key", k), n)
		}
	}
	require.Eventually(t, func() bool { return l.count() == keys*each }, 2*patience, 50*time.Millisecond, "all events arrive")
	require.Empty(t, l.wrong)
}

func TestAFailingKeyHoldsUpOnlyItself(t *testing.T) {
	t.Parallel()
	w := orderedWorld(t, 1)
	var l ledger
	healed := make(chan struct{})
	o := orderedOptions(func(_ context.Context, e *event.Event) error {
		select {
		case <-healed:
		default:
			if strings.HasPrefix(string(e.Body), "sick ") {
				return errors.New("no luck")
			}
		}
		l.succeed(e.Body)
		return nil
	}, 1)
	w.deliverer(t, o)
	for n := range 100 {
		w.send(t, "sick", n)
		w.send(t, "well", n)
	}
	require.Eventually(t, func() bool { return l.count() == 100 }, patience, 20*time.Millisecond, "the other key goes on")
	require.Empty(t, l.done["sick"])
	close(healed)
	require.Eventually(t, func() bool { return l.count() == 200 }, patience, 20*time.Millisecond, "the key resumes")
	require.Empty(t, l.wrong)
}

func TestTheOrderOutlivesRestartsOfTwoDeliverers(t *testing.T) {
	t.Parallel()
	const keys, each = 50, 8
	w := orderedWorld(t, 4)
	var l ledger
	o := orderedOptions(func(_ context.Context, e *event.Event) error {
		if rand.IntN(4) == 0 {
			return errors.New("no luck")
		}
		l.succeed(e.Body)
		return nil
	}, 4)
	die := []func(){w.deliverer(t, o), w.deliverer(t, o)}
	var sending sync.WaitGroup
	sending.Go(func() {
		for n := range each {
			for k := range keys {
				w.send(t, fmt.Sprint("key", k), n)
			}
		}
	})
	for i := range 6 {
		before := l.count()
		require.Eventually(t, func() bool { return l.count() >= min(before+20, keys*each) }, patience, 10*time.Millisecond)
		die[i%2]()
		die[i%2] = w.deliverer(t, o)
	}
	sending.Wait()
	require.Eventually(t, func() bool { return l.count() == keys*each }, 2*patience, 50*time.Millisecond, "all events arrive")
	require.Empty(t, l.wrong)
}

func TestADeadLetterEndsTheBlockOfItsKey(t *testing.T) {
	t.Parallel()
	w := orderedWorld(t, 2)
	got := make(chan string, 10)
	w.deliverer(t, orderedOptions(func(_ context.Context, e *event.Event) error {
		if string(e.Body) == "key 0" {
			return fault.Permanent(fault.Because(fault.ReasonRejected, errors.New("never")))
		}
		got <- string(e.Body)
		return nil
	}, 2))
	dead := w.send(t, "key", 0)
	w.send(t, "key", 1)
	require.Equal(t, "key 1", <-got)
	consumer := amqpx.NewConsumer(w.config, zaptest.NewLogger(t))
	defer func() { require.NoError(t, closing(consumer.Close)) }()
	w.consumer = consumer
	m := w.read(t, topology.DeadQueue("orders"))
	require.Equal(t, dead, m.ID)
	for name := range m.Headers {
		require.NotContains(t, name, "ordering", "what only the partitions need")
	}
}
