package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/metric/noop"
	"go.uber.org/goleak"
	"go.uber.org/zap/zaptest"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/lifecycle"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/ledger"
	"github.com/penstock/penstock/worker/internal/store"
	"github.com/penstock/penstock/worker/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The times of the ledger in tests: hurried.
const (
	every    = 50 * time.Millisecond
	patience = 500 * time.Millisecond
	margin   = 500 * time.Millisecond
)

// site is a store, and fakes of a broker and a tracker that has read everything.
type site struct {
	*store.Store

	ctx context.Context

	mu       sync.Mutex
	depths   map[string]int
	frontier map[string]time.Time
	behind   bool
	blind    bool   // the archive is not being read
	gone     string // a queue that is not there
	workers  int
	peeked   []string // the queues that were looked into
	letters  []ledger.Letter
	routes   []ledger.Route
	position store.Position
	emitted  []status.Record
}

func setup(t *testing.T) *site {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return &site{Store: storetest.New(t), ctx: ctx, depths: map[string]int{}, frontier: map[string]time.Time{}, routes: []ledger.Route{{Name: "billing"}}}
}

// run runs a ledger until the test ends.
func (s *site) run(t *testing.T) *site {
	t.Helper()
	l, err := ledger.New(ledger.Options{
		Store: s.Store, Broker: s, Tracker: s, Publisher: s, Emitter: s, Letters: s, Routes: s.known,
		Meter: noop.Meter{}, Log: zaptest.NewLogger(t), Every: every, Patience: patience, Margin: margin,
	})
	require.NoError(t, err)
	stop := lifecycle.Background(s.ctx, l.Run)
	t.Cleanup(func() { require.NoError(t, stop(context.Background())) })
	return s
}

// change changes the fakes.
func (s *site) change(how func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	how()
}

func (s *site) known() []ledger.Route { s.mu.Lock(); defer s.mu.Unlock(); return s.routes }

func (s *site) Inspect(_ context.Context, queue string) (amqpx.QueueState, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, known := s.depths[queue]
	if !known && (queue == topology.RouteQueue("gone") || queue == s.gone) {
		return amqpx.QueueState{}, amqpx.ErrNoQueue
	}
	return amqpx.QueueState{Ready: n, Consumers: s.workers}, nil
}

func (s *site) Passed(string) bool { s.mu.Lock(); defer s.mu.Unlock(); return !s.behind }

func (s *site) Current() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.blind {
		return errors.New("the archive is not being read")
	}
	return nil
}

func (s *site) Changed() <-chan struct{} {
	changed := make(chan struct{})
	time.AfterFunc(every, func() { close(changed) })
	return changed
}

func (s *site) Frontier(route string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.frontier[route]
}

func (s *site) Publish(context.Context, amqpx.Publication) error { return nil }

func (s *site) Emit(_ context.Context, records ...status.Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.emitted = append(s.emitted, records...)
	return nil
}

func (s *site) Look(_ context.Context, queue string, _ int) ([]ledger.Letter, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.peeked = append(s.peeked, queue)
	return s.letters, nil
}

// accept stores an accepted event for a route, and returns its id.
func (s *site) accept(t *testing.T, route string, at time.Time) string {
	t.Helper()
	s.position.Next++
	id := fmt.Sprintf("0199d3c4-7a51-7cc1-8f0a-%012d", s.position.Next)
	s.apply(t, &store.Batch{Accepted: []store.Accepted{{
		ID: id, Source: "shop", Type: "order.paid", ReceivedAt: at, Offset: s.position.Next, Routes: []string{route},
	}}})
	return id
}

func (s *site) record(t *testing.T, r status.Record) {
	t.Helper()
	r.Source, r.Type, r.Route = "shop", "order.paid", "billing"
	if r.At.IsZero() {
		r.At = time.Now()
	}
	s.apply(t, &store.Batch{Records: []status.Record{r}})
}

func (s *site) apply(t *testing.T, b *store.Batch) { require.NoError(t, s.Apply(s.ctx, b)) }

// missing returns the events that the ledger names.
func (s *site) missing(t *testing.T) []string {
	t.Helper()
	r, err := ledger.Read(s.ctx, s.Store)
	require.NoError(t, err)
	ids := []string{}
	for _, m := range r.Missing {
		ids = append(ids, m.Event)
	}
	return ids
}

// names waits until the ledger names exactly these events.
func (s *site) names(t *testing.T, want ...string) {
	t.Helper()
	require.EventuallyWithT(t, func(c *assert.CollectT) { assert.ElementsMatch(c, want, s.missing(t)) }, 30*time.Second, every)
}

// silent asserts that the ledger names nothing, for several times as long as it takes to.
func (s *site) silent(t *testing.T) {
	t.Helper()
	s.during(t, func() {})
}

// during asserts that the ledger names nothing while something happens again and again,
// for several times as long as it takes to.
func (s *site) during(t *testing.T, again func()) {
	t.Helper()
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	for end := time.Now().Add(4 * patience); time.Now().Before(end); <-ticks.C {
		again()
		require.Empty(t, s.missing(t))
	}
}
