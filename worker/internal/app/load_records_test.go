//go:build load

package app_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/deliver"
)

// TestRecords compares delivering with and without status records, in turns, through
// the same route and to the same receiver.
func TestRecords(t *testing.T) {
	for _, latency := range []time.Duration{0, 5 * time.Millisecond} {
		events := scaled(t, 10_000)
		r := newTally(t, func(http.ResponseWriter, *http.Request) bool {
			if latency > 0 {
				<-time.After(latency)
			}
			return true
		})
		s := newStretch(t, r)
		var without, with, ratios []float64
		for range 5 {
			a, b := s.rate(t, events, nil), s.rate(t, events, s.emitter)
			without, with, ratios = append(without, a), append(with, b), append(ratios, b/a)
		}
		for _, list := range [][]float64{without, with, ratios} {
			slices.Sort(list)
		}
		fmt.Printf("records, receiver answers after %s: without %.0f/s, with %.0f/s, %.0f %% (medians of 5 turns; %.0f to %.0f %%)\n",
			latency, without[2], with[2], 100*ratios[2], 100*ratios[0], 100*ratios[4])
	}
}

// stretch is what lies between a route's queue and a receiver.
type stretch struct {
	*world
	*tally

	to       *deliver.Destination
	consumer *amqpx.Consumer
	emitter  *status.Emitter
}

func newStretch(t *testing.T, r *tally) *stretch {
	t.Helper()
	s := &stretch{world: setup(t, shop(r.URL, "")), tally: r}
	broker, log := amqpx.Config{URLs: s.vhost.URLs}, zap.NewNop()
	plan := topology.Plan{Archive: true, Routes: []topology.Route{{Name: "invoices"}}}
	require.NoError(t, amqpx.Declare(t.Context(), broker, plan.Topology()))
	var err error
	s.to, err = deliver.New(&config.Destination{
		Name: "billing", URL: r.URL, Timeout: config.Duration(10 * time.Second), Concurrency: 32, AllowPrivate: true,
	}, deliver.Options{Broker: broker, Log: log})
	require.NoError(t, err)
	t.Cleanup(s.to.Close)
	s.consumer = amqpx.NewConsumer(broker, log)
	t.Cleanup(func() { require.NoError(t, closing(s.consumer.Close)) })
	publisher := amqpx.NewPublisher(broker, amqpx.PublisherOptions{}, log)
	t.Cleanup(func() { require.NoError(t, closing(publisher.Close)) })
	s.emitter = status.NewEmitter(publisher, status.Options{})
	t.Cleanup(func() { require.NoError(t, closing(s.emitter.Close)) })
	return s
}

// rate is how many events a second leave a full queue, until the last one is settled.
func (s *stretch) rate(t *testing.T, n int, recorder consume.Recorder) float64 {
	t.Helper()
	s.flood(t, "order.paid", n)
	before, _ := s.count()
	route, err := consume.New(consume.Options{
		Route: "invoices", Handler: s.to, Gate: s.to.Gate(), Concurrency: s.to.Prefetch(), Recorder: recorder,
	}, s.publisher)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- route.Run(ctx, s.consumer) }()
	var first time.Time
	require.Eventually(t, func() bool { first = time.Now(); now, _ := s.count(); return now > before }, patience, time.Millisecond)
	require.Eventually(t, func() bool { now, _ := s.count(); return now >= before+n }, 2*patience, 5*time.Millisecond)
	cancel()
	require.NoError(t, <-done)
	s.mu.Lock()
	defer s.mu.Unlock()
	return float64(n) / s.last.Sub(first).Seconds()
}
