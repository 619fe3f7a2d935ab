package reconcile

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/metric/noop"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/account/accounttest"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/worker/internal/adapter"
	"github.com/penstock/penstock/worker/internal/store"
	"github.com/penstock/penstock/worker/internal/store/storetest"
)

// world is a provider, a gateway with its memory, a receiver and a store, in a time of its own.
type world struct {
	t      *testing.T
	now    time.Time
	store  *store.Store
	api    http.Handler
	config *config.Config
	random *rand.Rand

	alive    bool
	haste    int  // how many times faster time goes by while nothing is to do
	slow     bool // the API does not answer in time
	noRetry  bool // a repetition after 30 s is a further round
	claims   map[string]time.Time
	received map[string]int // by the provider's id: how often the receiver got it
	later    []func() bool  // what is going to happen; false: not yet
	queue    []*event.Message
	waiting  []store.Accepted // in the archive, and not in the store yet
	offset   int64

	fuse  int // how many operations until the reconciler is killed; 0: it lives
	kills int
}

// killed is what ends a reconciler in the middle of something.
type killed struct{}

func newWorld(t *testing.T, text, secret string) *world {
	t.Helper()
	w := &world{
		t: t, now: time.Now().UTC().Truncate(time.Second), store: storetest.New(t), random: rand.New(rand.NewPCG(1, 2)),
		alive: true, haste: 3, claims: map[string]time.Time{}, received: map[string]int{},
	}
	var err error
	w.config, err = config.Parse("penstock.yaml", []byte(text), func(string) (string, bool) { return secret, true }, config.Accounts)
	require.NoError(t, err)
	return w
}

// deliver is the provider's request to the gateway.
func (w *world) deliver(d accounttest.Delivery) int {
	if !w.alive {
		return 0
	}
	w.accept(d.ID, event.NewID())
	return http.StatusOK
}

// accept is what the gateway does with an event that it may have seen.
func (w *world) accept(provider, id string) {
	last, known := w.claims[provider]
	switch {
	case known && (!w.noRetry || w.now.Sub(last) < 30*time.Second):
		return
	case known: // a further round of an event that the store has
		w.received[provider]++
		return
	}
	w.claims[provider] = w.now
	w.received[provider]++
	w.waiting = append(w.waiting, store.Accepted{
		ID: id, Source: "hub", Type: "push", ProviderID: provider, ReceivedAt: w.now, Size: 1, Offset: w.offset, Routes: []string{"out"},
	})
	w.offset++
}

// pass lets time pass, and what has to happen in it.
func (w *world) pass(d time.Duration) {
	w.now = w.now.Add(d)
	left := w.later[:0]
	for _, happen := range w.later {
		if !happen() {
			left = append(left, happen)
		}
	}
	w.later = left
	if w.alive {
		for _, m := range w.queue {
			if id := m.Headers[event.HeaderProviderID].(string); w.claims[id].IsZero() { // it begins no further round
				w.accept(id, m.ID)
			}
		}
		w.queue = nil
	}
	if len(w.waiting) > 0 && w.Behind() > time.Second {
		require.NoError(w.t, w.store.Apply(w.t.Context(), &store.Batch{Accepted: w.waiting}))
		w.waiting = nil
	}
}

// at makes something happen after a while.
func (w *world) at(after time.Duration, do func()) {
	when := w.now.Add(after)
	w.later = append(w.later, func() bool {
		if w.now.Before(when) {
			return false
		}
		do()
		return true
	})
}

func (w *world) Current() error { return nil }

func (w *world) Behind() time.Duration {
	if len(w.waiting) == 0 {
		return 0
	}
	return w.now.Sub(w.waiting[0].ReceivedAt)
}

// Publish takes an event for the gateway.
func (w *world) Publish(_ context.Context, p amqpx.Publication) error {
	w.tick()
	w.queue = append(w.queue, p.Message)
	w.tick()
	return nil
}

// RoundTrip asks the provider.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	w.tick()
	if w.slow {
		return nil, context.DeadlineExceeded
	}
	answer := httptest.NewRecorder()
	w.api.ServeHTTP(answer, r)
	w.tick()
	return answer.Result(), nil
}

// tick is a moment in which the reconciler may be killed.
func (w *world) tick() {
	if w.fuse > 0 {
		if w.fuse--; w.fuse == 0 {
			w.kills++
			panic(killed{})
		}
	}
}

// fragile is a store whose user may be killed before and after each change.
type fragile struct {
	*store.Store

	world *world
}

func (f fragile) SaveAccount(ctx context.Context, step *store.AccountStep) (int64, error) {
	f.world.tick()
	version, err := f.Store.SaveAccount(ctx, step)
	f.world.tick()
	return version, err
}

// worker makes a worker, as after a start.
func (w *world) worker() *worker {
	r, err := New(Options{
		Store: fragile{w.store, w}, Tracker: w, Publisher: w, Config: func() *config.Config { return w.config }, Archive: true,
		Meter: noop.Meter{}, Log: zap.NewNop(), Now: func() time.Time { return w.now },
		Adapter: func(a *config.Account) (adapter.Adapter, error) {
			return adapter.New(a, w, func() time.Time { return w.now })
		},
	})
	require.NoError(w.t, err)
	one, err := r.worker(w.config.Accounts["hub"])
	require.NoError(w.t, err)
	return one
}

// run lets the reconciler work for a time, and kills it now and then until it was killed so
// often. It reports the errors of its steps.
func (w *world) run(d time.Duration, kills, every int) (failures []error) {
	one := w.worker()
	for end := w.now.Add(d); w.now.Before(end); {
		if w.fuse == 0 && w.kills < kills {
			w.fuse = 1 + w.random.IntN(every)
		}
		wait, err, died := w.step(one)
		if died {
			one = w.worker()
		}
		if err != nil {
			failures = append(failures, err)
		}
		if wait >= idle { // nothing is to do: let time go by faster
			wait = time.Duration(w.haste * int(wait))
		}
		w.pass(max(wait, 10*time.Millisecond))
	}
	w.fuse = 0
	return failures
}

func (w *world) step(one *worker) (wait time.Duration, err error, died bool) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case killed{}:
			wait, err, died = time.Second, nil, true
		default:
			panic(p)
		}
	}()
	wait, err = one.step(w.t.Context())
	return wait, err, false
}

// tallies returns how many events are in each state.
func (w *world) tallies() map[store.SentState]int64 {
	all, err := w.store.SentTallies(w.t.Context())
	require.NoError(w.t, err)
	out := map[store.SentState]int64{}
	for _, one := range all {
		out[one.State] += one.Count
	}
	return out
}

func (w *world) row() *store.Account {
	a, err := w.store.Account(w.t.Context(), "hub")
	require.NoError(w.t, err)
	return a
}

// exactlyOnce requires that the receiver got each event once.
func (w *world) exactlyOnce(ids []string) {
	w.t.Helper()
	var gaps, twice []string
	for _, id := range ids {
		switch n := w.received[id]; {
		case n == 0:
			gaps = append(gaps, id)
		case n > 1:
			twice = append(twice, fmt.Sprint(id, " ", n))
		}
	}
	require.Empty(w.t, gaps, "gaps: %d", len(gaps))
	require.Empty(w.t, twice, "second deliveries: %d", len(twice))
}
