package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"github.com/penstock/penstock/pkg/settings"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/app"
)

// racing is a route whose retries surface a second after each failure.
const racing = `
sources:
  shop: {open: true, scheme: {alg: none}}
destinations:
  billing: {url: %q, concurrency: 64}
routes:
  invoices: {from: [shop], types: ["#"], to: billing, retry: {initial: 1s, factor: 1, jitter: 0, max: 1s, maxAttempts: 50, retryOn: [409]}}
`

// races is how many events are cancelled while they are attempted once a second, and perJob how
// many of them one job cancels.
const (
	races  = 1000
	perJob = 20
)

// coin is a destination that half of all attempts fail at, and that counts the others. It answers
// what does not open the breaker.
type coin struct {
	mu sync.Mutex
	ok map[string]int
}

func (c *coin) answer(w http.ResponseWriter, r *http.Request) {
	id, attempt := r.Header.Get("Penstock-Event-Id"), r.Header.Get("Penstock-Attempt")
	h := fnv.New32a()
	_, _ = h.Write([]byte(id + "/" + attempt))
	if h.Sum32()%2 == 0 {
		w.WriteHeader(http.StatusConflict)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ok[id]++
}

// Each event is attempted once a second by one of two deliverers, while jobs cancel all of them.
func TestACancelledEventIsNeverDeliveredAndADeliveredOneNeverCancelled(t *testing.T) {
	t.Parallel()
	destination := &coin{ok: map[string]int{}}
	billing := newReceiver(t, destination.answer)
	billing.got = make(chan request, 50*races)
	w := setup(t, fmt.Sprintf(racing, billing.URL))
	first, _ := w.start(t)
	second, _ := w.start(t)
	ready(t, first)
	ready(t, second)
	tracker := w.track(t)
	var ids, jobs []string
	for n := range races {
		ids = append(ids, w.accept(t, "order.paid", n))
		if n >= 2*perJob && n%perJob == 0 { // those that came a while ago
			jobs = append(jobs, tracker.cancel(t, ids[n-2*perJob:n-perJob]))
		}
	}
	jobs = append(jobs, tracker.cancel(t, ids[races-2*perJob:]))
	for _, job := range jobs {
		tracker.ended(t, job)
	}
	states := map[string]string{}
	for _, id := range ids {
		states[id] = tracker.final(t, id)
	}
	w.drained(t)
	destination.mu.Lock()
	defer destination.mu.Unlock()
	delivered := 0
	for id, state := range states {
		want := map[string]int{"delivered": 1, "cancelled": 0}
		require.Contains(t, want, state)
		require.Equal(t, want[state], destination.ok[id], "event %s is %s", id, state)
		require.Equal(t, state, tracker.final(t, id), "what surfaced since has changed nothing")
		delivered += want[state]
	}
	t.Logf("%d were delivered, %d cancelled", delivered, races-delivered)
	require.NotZero(t, delivered)
	require.Less(t, delivered, races)
	require.Equal(t, api.LedgerEntry{
		Source: "shop", Route: "invoices", Accepted: races, Delivered: int64(delivered), Cancelled: int64(races - delivered),
	}, tracker.ledger(t))
}

// drained waits until nothing waits in a queue of the route, or on its way to one.
func (w *world) drained(t *testing.T) {
	t.Helper()
	queues := []string{topology.LevelQueue(1), topology.Return, topology.RouteQueue("invoices"), topology.DeferredQueue("invoices")}
	require.Eventually(t, func() bool {
		return !slices.ContainsFunc(queues, func(q string) bool { return w.vhost.Depth(t, q) > 0 })
	}, patience, 100*time.Millisecond)
}

// trackerAPI is a tracker as its API shows it.
type trackerAPI struct{ url string }

// track runs a tracker beside the deliverers until the test ends.
func (w *world) track(t *testing.T) trackerAPI {
	t.Helper()
	var s app.TrackSettings
	require.NoError(t, settings.Load(&s))
	s.Config, s.StoreURL = w.settings.Config, "sqlite:"+filepath.Join(t.TempDir(), "store.db")
	s.AMQPURLs, s.Listen, s.AdminListen, s.APIOpen = w.vhost.URLs, "127.0.0.1:0", "127.0.0.1:0", true
	tracker, err := app.NewTracker(t.Context(), s, os.LookupEnv, zaptest.NewLogger(t, zaptest.Level(zap.InfoLevel)))
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- tracker.Run(ctx) }()
	t.Cleanup(func() { stop(); require.NoError(t, <-done) })
	return trackerAPI{"http://" + tracker.Addr().String() + "/api/v1"}
}

// cancel makes a job that cancels events, and returns its id.
func (a trackerAPI) cancel(t *testing.T, ids []string) string {
	t.Helper()
	body, err := json.Marshal(api.JobRequest{Kind: api.Cancel, Filter: api.Filter{Ids: &ids}})
	require.NoError(t, err)
	var job api.Job
	a.ask(t, http.MethodPost, "/jobs", body, &job)
	return job.Id
}

func (a trackerAPI) ended(t *testing.T, job string) {
	t.Helper()
	var j api.Job
	require.Eventually(t, func() bool {
		a.ask(t, http.MethodGet, "/jobs/"+job, nil, &j)
		return j.EndedAt != nil
	}, patience, 50*time.Millisecond, "%+v", &j)
	require.Equal(t, api.Done, j.State)
}

// final waits until an event is no longer in flight, and returns its state.
func (a trackerAPI) final(t *testing.T, id string) string {
	t.Helper()
	var e api.EventDetail
	require.Eventually(t, func() bool {
		a.ask(t, http.MethodGet, "/events/"+id, nil, &e)
		d := e.Event.Deliveries
		return len(d) == 1 && d[0].State != api.Pending && d[0].State != api.Retrying
	}, patience, 50*time.Millisecond, "%+v", &e)
	last := slices.IndexFunc(e.History, func(f api.Fact) bool { return f.Kind == "cancelled" || f.Kind == "delivered" })
	require.Equal(t, len(e.History)-1, last, "it ends once: %+v", e.History)
	return string(e.Event.Deliveries[0].State)
}

func (a trackerAPI) ledger(t *testing.T) api.LedgerEntry {
	t.Helper()
	var l api.Ledger
	a.ask(t, http.MethodGet, "/ledger", nil, &l)
	require.Len(t, l.Entries, 1)
	return l.Entries[0]
}

func (a trackerAPI) ask(t *testing.T, method, path string, body []byte, into any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, a.url+path, bytes.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/json")
	r.Close = true
	res, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	require.Less(t, res.StatusCode, 300, path)
	require.NoError(t, json.NewDecoder(res.Body).Decode(into))
}
