package api

import (
	"context"
	"time"

	"github.com/penstock/penstock/worker/internal/store"
)

// addLatencies adds to the series of routes how long attempts took.
func (s *Server) addLatencies(ctx context.Context, o *Overview, since time.Time, bucket time.Duration) error {
	all, err := s.options.Store.Latencies(ctx, since, bucket)
	if err != nil {
		return err
	}
	series := map[string]*Series{}
	for i := range o.Series {
		series[value(o.Series[i].Name)] = &o.Series[i]
	}
	for i := range all {
		l := &all[i]
		if one := series[l.Route]; one != nil && l.Bucket >= 0 && l.Bucket < len(one.Points) {
			p := &one.Points[l.Bucket]
			p.P50Ms, p.P99Ms = quantile(&l.Latency, 0.5), quantile(&l.Latency, 0.99)
		}
	}
	return nil
}

// quantile returns it in milliseconds, or nothing without an attempt.
func quantile(l *store.Latency, share float64) *float64 {
	if l.Count() == 0 {
		return nil
	}
	ms := float64(l.Quantile(share)) / float64(time.Millisecond)
	return &ms
}
