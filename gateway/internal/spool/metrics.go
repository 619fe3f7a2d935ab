package spool

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/metric"

	"github.com/penstock/penstock/gateway/internal/journal"
	"github.com/penstock/penstock/pkg/instrument"
)

// metrics show what goes through the spool and what is in it.
type metrics struct {
	drained metric.Int64Counter
	kept    metric.Int64Counter
}

func newMetrics(m metric.Meter, stats func() journal.Stats, limit int64) (*metrics, error) {
	maker := instrument.From(m)
	observe := func(name string, value func(journal.Stats) float64) {
		maker.Observe(name, func(_ context.Context, observe instrument.Observation) { observe(value(stats())) })
	}
	observe("penstock.spool.events", func(s journal.Stats) float64 { return float64(s.Records) })
	observe("penstock.spool.bytes", func(s journal.Stats) float64 { return float64(s.Bytes) })
	observe("penstock.spool.limit.bytes", func(journal.Stats) float64 { return float64(limit) })
	observe("penstock.spool.oldest", func(s journal.Stats) float64 { return age(s.Oldest) })
	all := &metrics{
		drained: maker.Counter("penstock.spool.drained"),
		kept:    maker.Counter("penstock.spool.kept"),
	}
	return all, maker.Err()
}

// age is in seconds; zero when there is nothing.
func age(oldest time.Time) float64 {
	if oldest.IsZero() {
		return 0
	}
	return time.Since(oldest).Seconds()
}
