package reconcile

import (
	"context"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/penstock/penstock/pkg/instrument"
	"github.com/penstock/penstock/worker/internal/store"
)

// countTime bounds the look into the store for a metric.
const countTime = 5 * time.Second

// metrics are what the reconciler counts.
type metrics struct {
	events metric.Int64Counter
	active atomic.Bool
}

func newMetrics(meter metric.Meter, s Store) (*metrics, error) {
	maker := instrument.From(meter)
	m := &metrics{events: maker.Counter("penstock.reconciled.events")}
	maker.Observe("penstock.missing.events", func(ctx context.Context, observe instrument.Observation) {
		if m.active.Load() {
			observeOpen(ctx, s, observe)
		}
	})
	return m, maker.Err()
}

// observeOpen shows how many events of each account are neither accepted nor lost.
func observeOpen(ctx context.Context, s Store, observe instrument.Observation) {
	ctx, cancel := context.WithTimeout(ctx, countTime)
	defer cancel()
	tallies, err := s.SentTallies(ctx)
	if err != nil {
		return // the metric is not there for once
	}
	open := map[string]int64{}
	for _, t := range tallies {
		open[t.Account] += 0
		if t.State.Open() && t.State != store.SentWaiting {
			open[t.Account] += t.Count
		}
	}
	for account, n := range open {
		observe(float64(n), attribute.String("account", account))
	}
}

// count counts what has come to an outcome.
func (m *metrics) count(ctx context.Context, account string, changed []store.Sent) {
	outcomes := map[store.SentState]int64{}
	for i := range changed {
		if s := changed[i].State; !s.Open() || s == store.SentMissing && changed[i].Tries == 0 { // seen for the first time
			outcomes[s]++
		}
	}
	for state, n := range outcomes {
		m.events.Add(ctx, n, metric.WithAttributes(attribute.String("account", account), attribute.String("outcome", string(state))))
	}
}
