package store

import (
	"context"
	"fmt"
	"time"

	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/status"
)

// Failure is how the last attempt failed on a route, or the last event that the route gave
// up on without one.
type Failure struct {
	Route      string
	At         time.Time
	Event      string // its id
	Reason     fault.Reason
	HTTPStatus int
	Error      string // status.Record.Summary
}

// learn notes what a record says of how well its route works.
func (m *merge) learn(r *status.Record) {
	if r.Kind.Tried() && r.Attempt > 0 {
		m.latencies[latency{r.At.Unix() / 60, r.Route, bucketOf(r.Took)}]++
	}
	if r.Kind.Tried() && r.Reason != "" && !r.At.Before(m.failures[r.Route].At) {
		reason := r.Reason
		if r.LastReason != "" {
			reason = r.LastReason
		}
		m.failures[r.Route] = Failure{r.Route, r.At, r.Event, reason, r.HTTPStatus, r.Summary()}
	}
}

// health is what is to be written of that. Of two failures the later one stays.
func (m *merge) health() []upsert {
	var failures, latencies [][]any
	for route, f := range m.failures {
		failures = append(failures, []any{route, millis(f.At), f.Event, string(f.Reason), f.HTTPStatus, f.Error})
	}
	for k, n := range m.latencies {
		latencies = append(latencies, []any{k.minute, k.route, k.bucket, n})
	}
	later := set("at", "event", "reason", "http_status", "error") + " WHERE excluded.at >= failures.at"
	return []upsert{
		{"failures", "route, at, event, reason, http_status, error", "route", later, failures},
		{"latencies", "minute, route, bucket, n", "minute, route, bucket", "UPDATE SET n = latencies.n + excluded.n", latencies},
	}
}

// Failures returns the last failure of each route that has had one.
func (s *Store) Failures(ctx context.Context) (map[string]Failure, error) {
	all := map[string]Failure{}
	q := new(query).add("SELECT route, at, event, reason, http_status, error FROM failures")
	err := each(ctx, s.read, s.bind, q, func(scan func(...any) error) error {
		var f Failure
		var at int64
		err := scan(&f.Route, &at, &f.Event, &f.Reason, &f.HTTPStatus, &f.Error)
		f.At = moment(at)
		all[f.Route] = f
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the last failures: %w", err)
	}
	return all, nil
}
