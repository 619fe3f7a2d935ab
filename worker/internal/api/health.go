package api

import (
	"context"
	"time"

	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/store"
)

// healthSpan is over how long attempts are judged.
const healthSpan = 15 * time.Minute

// The shares of attempts that have to deliver.
const (
	leastGood = 0.95 // or else it is troubled
	leastFair = 0.5  // or else it fails
)

// attempts counts how attempts of a route ended.
type attempts struct{ delivered, failed, dead int64 }

// measures are what happened lately on each route.
type measures struct {
	attempts  map[string]*attempts
	latencies map[string]*store.Latency
	failures  map[string]store.Failure
}

// measure reads what happened lately.
func (s *Server) measure(ctx context.Context) (measures, error) {
	m := measures{attempts: map[string]*attempts{}, latencies: map[string]*store.Latency{}}
	since := time.Now().Add(-healthSpan).Truncate(time.Minute)
	happened, err := s.options.Store.Series(ctx, since, time.Hour, store.ByRoute)
	if err != nil {
		return m, err
	}
	for _, h := range happened {
		if m.attempts[h.Name] == nil {
			m.attempts[h.Name] = new(attempts)
		}
		m.attempts[h.Name].add(h)
	}
	latencies, err := s.options.Store.Latencies(ctx, since, time.Hour)
	if err != nil {
		return m, err
	}
	for i := range latencies {
		m.latencies[latencies[i].Route] = &latencies[i].Latency
	}
	m.failures, err = s.options.Store.Failures(ctx)
	return m, err
}

func (a *attempts) add(b store.Bucketed) {
	switch status.Kind(b.Kind) {
	case status.Delivered:
		a.delivered += b.Count
	case status.Retrying, status.Attempted:
		a.failed += b.Count
	case status.Dead:
		a.failed += b.Count
		a.dead += b.Count
	default: // no attempt
	}
}

// healthOf judges the deliveries of some routes, of which so many events wait for another attempt.
func (m *measures) healthOf(retrying int64, routes ...string) *Health {
	var sum attempts
	var took store.Latency
	h := new(Health)
	for _, route := range routes {
		if a := m.attempts[route]; a != nil {
			sum = attempts{sum.delivered + a.delivered, sum.failed + a.failed, sum.dead + a.dead}
		}
		if l := m.latencies[route]; l != nil {
			took.Add(l)
		}
		if f, failed := m.failures[route]; failed && (h.LastFailure == nil || f.At.After(h.LastFailure.At)) {
			h.LastFailure = lastFailureOf(f)
		}
	}
	h.Attempts = sum.delivered + sum.failed
	h.State = sum.state(retrying)
	if h.Attempts > 0 {
		share := float64(sum.delivered) / float64(h.Attempts)
		h.SuccessRate = &share
	}
	h.P50Ms, h.P99Ms = quantile(&took, 0.5), quantile(&took, 0.99)
	return h
}

func (a *attempts) state(retrying int64) HealthState {
	all := a.delivered + a.failed
	switch share := float64(a.delivered) / float64(max(all, 1)); {
	case all == 0 && retrying == 0:
		return HealthStateIdle
	case share < leastFair:
		return HealthStateFailing
	case share < leastGood, a.dead > 0:
		return HealthStateTroubled
	default:
		return HealthStateOk
	}
}

func lastFailureOf(f store.Failure) *Failure {
	return &Failure{
		At: f.At, Event: f.Event, Route: f.Route, Reason: string(f.Reason), HttpStatus: given(f.HTTPStatus), Error: given(f.Error),
	}
}

// stopped overrides what attempts say: none is made while an operator has paused it, or nothing takes
// events; and an open breaker says more than the attempts before.
func (h *Health) stopped(paused, unserved bool, breaker *Breaker) {
	switch {
	case paused:
		h.State = HealthStatePaused
	case unserved:
		h.State = HealthStateNoDeliverer
	case breaker != nil && *breaker != Closed:
		h.State = HealthStateFailing
	}
}

// addHealth adds to each destination how well deliveries to it go.
func (s *Server) addHealth(ctx context.Context, all map[string]*Destination) error {
	m, err := s.measure(ctx)
	if err != nil {
		return err
	}
	tallies, _, err := s.options.Store.Tallies(ctx)
	if err != nil {
		return err
	}
	retrying := map[string]int64{}
	for _, t := range tallies {
		if t.State == store.Retrying {
			retrying[t.Route] += t.Count
		}
	}
	for _, d := range all {
		var waiting int64
		for _, route := range d.Routes {
			waiting += retrying[route]
		}
		d.Health = m.healthOf(waiting, d.Routes...)
		d.Health.stopped(d.Paused, d.Configured && len(d.Routes) > 0 && len(d.Deliverers) == 0, d.Breaker)
		for _, one := range d.Deliverers {
			d.Health.InUse, d.Health.Limit = d.Health.InUse+one.InUse, d.Health.Limit+one.Limit
		}
	}
	return nil
}

// addRouteHealth adds to each route how well its deliveries go.
func (s *Server) addRouteHealth(ctx context.Context, all map[string]*Route) error {
	m, err := s.measure(ctx)
	if err != nil {
		return err
	}
	for name, r := range all {
		inUse, limit := 0, 0
		if r.Health != nil { // of its destination
			inUse, limit = r.Health.InUse, r.Health.Limit
		}
		r.Health = m.healthOf(r.Counts.Retrying, name)
		r.Health.InUse, r.Health.Limit = inUse, limit
		r.Health.stopped(value(r.Paused), r.Configured && r.Backlog != nil && r.Backlog.Consumers == 0, r.Breaker)
	}
	return nil
}
