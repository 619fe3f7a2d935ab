package api

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/ledger"
	"github.com/penstock/penstock/worker/internal/store"
)

// The bounds of an overview.
const (
	defaultSpan = time.Hour
	maxSpan     = 24*time.Hour + time.Minute
	maxBucket   = 24 * time.Hour
	points      = 60 // of a series, when nobody says how many
)

// GetOverview answers GET /overview.
func (s *Server) GetOverview(c echo.Context, p GetOverviewParams) error {
	since := time.Now().Add(-defaultSpan)
	if p.Since != nil {
		since = *p.Since
	}
	bucket := max(time.Since(since)/points, time.Minute)
	if p.Bucket != nil {
		bucket = time.Duration(*p.Bucket) * time.Minute
	}
	by := GroupingNone
	if p.By != nil {
		by = *p.By
	}
	o, err := s.Overview(c.Request().Context(), since, bucket, by)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, o)
}

// Overview returns how it stands, with buckets of the given length, in whole minutes, from
// a time on.
func (s *Server) Overview(ctx context.Context, since time.Time, bucket time.Duration, by Grouping) (Overview, error) {
	switch {
	case time.Since(since) > maxSpan:
		return Overview{}, invalid("since: more than a day ago")
	case since.After(time.Now()):
		return Overview{}, invalid("since: it is yet to come")
	case bucket < time.Minute || bucket > maxBucket:
		return Overview{}, invalid("bucket: not between a minute and a day")
	case !by.Valid():
		return Overview{}, invalid(fmt.Sprintf("by: %q is neither none, route nor source", by))
	}
	bucket = bucket.Truncate(time.Minute)
	since = since.Truncate(bucket)
	totals, err := s.totals(ctx)
	if err != nil {
		return Overview{}, err
	}
	traffic, err := s.options.Store.Traffic(ctx, since)
	if err != nil {
		return Overview{}, err
	}
	return Overview{
		Since: since.UTC(), BucketSeconds: int(bucket.Seconds()), Totals: totals,
		Series: seriesOf(traffic, since, bucket, by),
	}, nil
}

func (s *Server) totals(ctx context.Context) (Totals, error) {
	var t Totals
	deliveries, sources, err := s.options.Store.Tallies(ctx)
	if err != nil {
		return t, err
	}
	for _, source := range sources {
		t.Accepted += source.Accepted
		t.Unrouted += source.Unrouted
	}
	report, err := ledger.Read(ctx, s.options.Store)
	if err != nil {
		return t, err
	}
	t.Unaccounted = report.Unaccounted
	routes := map[string]struct{}{}
	for _, d := range deliveries {
		t.Counts.add(d)
		routes[d.Route] = struct{}{}
	}
	oldest, err := s.options.Store.Oldest(ctx, slices.Collect(maps.Keys(routes)))
	for _, received := range oldest {
		if t.OldestWaitingAt == nil || received.Before(*t.OldestWaitingAt) {
			t.OldestWaitingAt = at(received)
		}
	}
	return t, err
}

// seriesOf counts what happened in each bucket.
func seriesOf(traffic []store.Traffic, since time.Time, bucket time.Duration, by Grouping) []Series {
	n := int(time.Since(since)/bucket) + 1
	all := map[string]*Series{}
	if by == GroupingNone {
		all[""] = newSeries("", since, bucket, n)
	}
	for _, t := range traffic {
		name := map[Grouping]string{GroupingRoute: t.Route, GroupingSource: t.Source}[by]
		if by == GroupingRoute && t.Route == "" {
			continue // an event that was accepted is of no route
		}
		if all[name] == nil {
			all[name] = newSeries(name, since, bucket, n)
		}
		if i := int(t.Minute.Sub(since) / bucket); i >= 0 && i < n {
			all[name].Points[i].add(t)
		}
	}
	return sorted(all)
}

func newSeries(name string, since time.Time, bucket time.Duration, n int) *Series {
	s := &Series{Name: given(name), Points: make([]Point, n)}
	for i := range s.Points {
		s.Points[i].At = since.Add(time.Duration(i) * bucket).UTC()
	}
	return s
}

func (p *Point) add(t store.Traffic) {
	switch status.Kind(t.Kind) {
	case status.Delivered:
		p.Delivered += t.Count
	case status.Attempted:
		p.Attempted += t.Count
	case status.Retrying:
		p.Retrying += t.Count
	case status.Dead:
		p.Dead += t.Count
	case status.Filtered:
		p.Filtered += t.Count
	case status.Replayed:
		p.Replayed += t.Count
	case status.Discarded:
		p.Discarded += t.Count
	default:
		if t.Route == "" {
			p.Accepted += t.Count
		}
	}
}
