package quarantine_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/metric/noop"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"github.com/penstock/penstock/gateway/internal/quarantine"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	entries "github.com/penstock/penstock/pkg/quarantine"
	"github.com/penstock/penstock/pkg/topology"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// How long, at most, and how often a test looks whether something has happened.
const (
	waitFor = 30 * time.Second
	tick    = 5 * time.Millisecond
)

// broker is a fake that takes everything, when it is let.
type broker struct {
	gate chan struct{} // closed: it takes
	err  error

	mu  sync.Mutex
	got []amqpx.Publication
}

func (b *broker) Publish(ctx context.Context, p amqpx.Publication) error {
	select {
	case <-b.gate:
	case <-ctx.Done():
		return ctx.Err()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.got = append(b.got, p)
	return b.err
}

func (b *broker) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.got)
}

func setup(t *testing.T, b *broker) *quarantine.Quarantine {
	t.Helper()
	q, err := quarantine.New(quarantine.Options{Publisher: b, Meter: noop.Meter{}, Log: zap.NewNop()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, q.Close(context.Background())) })
	return q
}

func opened() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

// offer offers requests with bodies of that size, and returns how many were taken.
func offer(t *testing.T, q *quarantine.Quarantine, source string, n, size int) (taken int) {
	t.Helper()
	for range n {
		q.Offer(t.Context(), source, "mismatch", size, func() *event.Event {
			taken++
			return &event.Event{ID: event.NewID(), Source: source, ReceivedAt: time.Now(), Body: make([]byte, size)}
		})
	}
	return taken
}

func TestWhatIsOfferedGoesIntoTheStreamAlone(t *testing.T) {
	t.Parallel()
	b := &broker{gate: opened()}
	q := setup(t, b)
	require.Equal(t, 1, offer(t, q, "github", 1, 10))
	require.Eventually(t, func() bool { return b.count() == 1 }, waitFor, tick)
	got := b.got[0]
	require.Empty(t, got.Exchange)
	require.Equal(t, topology.Quarantine, got.Key)
	e, err := entries.Parse(got.Message)
	require.NoError(t, err)
	require.Equal(t, "mismatch", e.Reason)
	require.Equal(t, "github", e.Event.Source)
	require.Len(t, e.Event.Body, 10)
}

func TestAFloodTakesNoMoreThanItsShare(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"small requests": 10, "large requests": quarantine.MaxBody} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := &broker{gate: make(chan struct{})} // nothing leaves the memory
			q := setup(t, b)
			taken := offer(t, q, "github", 10_000, size)
			require.Positive(t, taken)
			require.LessOrEqual(t, taken, 1000)
			require.LessOrEqual(t, taken*size, 16<<20)
			require.Positive(t, offer(t, q, "other", 1, 10), "one source leaves room for others")
		})
	}
}

func TestALargeRequestIsNotKept(t *testing.T) {
	t.Parallel()
	require.Zero(t, offer(t, setup(t, &broker{gate: opened()}), "github", 1, quarantine.MaxBody+1))
}

func TestABrokerThatFailsLosesTheRequestAndNothingElse(t *testing.T) {
	t.Parallel()
	b := &broker{gate: opened(), err: errors.New("away")}
	q := setup(t, b)
	offer(t, q, "github", 3, 10)
	require.Eventually(t, func() bool { return b.count() == 3 }, waitFor, tick)
}

func TestAStuckBrokerHoldsUpNeitherOffersNorTheStop(t *testing.T) {
	t.Parallel()
	q := setup(t, &broker{gate: make(chan struct{})})
	offer(t, q, "github", 1000, 10)
	require.NoError(t, q.Close(t.Context()))
}
