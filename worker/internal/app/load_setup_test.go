//go:build load

package app_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/routing/routingtest"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/app"
)

// scaled is n times what PENSTOCK_LOAD_SCALE says, for a shorter look.
func scaled(t *testing.T, n int) int {
	t.Helper()
	scale := 1.0
	if text := os.Getenv("PENSTOCK_LOAD_SCALE"); text != "" {
		var err error
		scale, err = strconv.ParseFloat(text, 64)
		require.NoError(t, err)
	}
	return max(1, int(float64(n)*scale))
}

// startQuietly runs a deliverer, without a log of each event.
func (w *world) startQuietly(t *testing.T) {
	t.Helper()
	w.settings.ShutdownTimeout = 2 * time.Second
	a, err := app.NewDeliverer(t.Context(), w.settings, func(string) (string, bool) { return "", false }, zap.NewNop())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	t.Cleanup(func() { cancel(); require.NoError(t, <-done) })
	ready(t, a)
}

// flood publishes n events of a type, from many goroutines at once.
func (w *world) flood(t *testing.T, typ string, n int) {
	t.Helper()
	var left atomic.Int64
	left.Store(int64(n))
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for left.Add(-1) >= 0 {
				w.publish(t, typ)
			}
		})
	}
	all.Wait()
}

// publish publishes one event whose body is the time in nanoseconds.
func (w *world) publish(t *testing.T, typ string) {
	e := &event.Event{
		ID: event.NewID(), Source: "shop", Type: typ, ReceivedAt: time.Now(),
		Request: event.Request{Method: "POST"}, Body: strconv.AppendInt(nil, time.Now().UnixNano(), 10),
	}
	m, err := event.Encode(e)
	if err == nil {
		err = routingtest.Accept(t.Context(), w.publisher, m, w.routes.Match(e.Source, typ)...)
	}
	if err != nil {
		t.Errorf("publish: %v", err)
	}
}

// tally is a receiver that counts, and notes how old events are when they arrive.
type tally struct {
	URL     string
	answer  func(w http.ResponseWriter, r *http.Request) (accepted bool)
	running atomic.Int64
	most    atomic.Int64

	mu       sync.Mutex
	requests int
	accepted map[string]int // how often, by id
	ages     []time.Duration
	last     time.Time
}

func newTally(t *testing.T, answer func(w http.ResponseWriter, r *http.Request) bool) *tally {
	t.Helper()
	out := &tally{answer: answer, accepted: map[string]int{}}
	server := httptest.NewServer(out)
	t.Cleanup(server.Close)
	out.URL = server.URL
	return out
}

func (c *tally) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	now := c.running.Add(1)
	defer c.running.Add(-1)
	for most := c.most.Load(); now > most && !c.most.CompareAndSwap(most, now); most = c.most.Load() {
	}
	accepted := c.answer(w, r)
	sent, _ := strconv.ParseInt(string(body), 10, 64)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests++
	c.last = time.Now()
	if accepted {
		c.accepted[r.Header.Get("Penstock-Event-Id")]++
		c.ages = append(c.ages, c.last.Sub(time.Unix(0, sent)))
	}
}

// count returns how many requests came, and how many different events were accepted.
func (c *tally) count() (requests, accepted int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.requests, len(c.accepted)
}

// takeAges returns the ages so far, in order, and forgets them.
func (c *tally) takeAges() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	ages := c.ages
	c.ages = nil
	slices.Sort(ages)
	return ages
}

func p99(sorted []time.Duration) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[len(sorted)*99/100]
}

// empty waits until nothing is in the route's queue and in those of the delays.
func (w *world) empty(t *testing.T, route string) {
	t.Helper()
	queues := []string{topology.RouteQueue(route), topology.Return}
	for _, seconds := range topology.Levels() {
		queues = append(queues, topology.LevelQueue(seconds))
	}
	require.Eventually(t, func() bool {
		return !slices.ContainsFunc(queues, func(q string) bool { return w.vhost.Depth(t, q) > 0 })
	}, 10*time.Minute, time.Second, "events are left in %s", fmt.Sprint(queues))
}
