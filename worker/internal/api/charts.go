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

	longSpan = 4 * time.Hour    // past it, buckets are
	coarse   = 10 * time.Minute // multiples of this
)

var storeGrouping = map[Grouping]store.Grouping{GroupingNone: store.Ungrouped, GroupingRoute: store.ByRoute, GroupingSource: store.BySource}

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
	if bucket = bucket.Truncate(time.Minute); time.Since(since) > longSpan {
		bucket = max((bucket + coarse - 1).Truncate(coarse), coarse)
	}
	since = since.Truncate(bucket)
	totals, err := s.totals(ctx)
	if err != nil {
		return Overview{}, err
	}
	traffic, err := s.options.Store.Series(ctx, since, bucket, storeGrouping[by])
	if err != nil {
		return Overview{}, err
	}
	o := Overview{
		Since: since.UTC(), BucketSeconds: int(bucket.Seconds()), Totals: totals,
		Series: seriesOf(traffic, since, bucket, by),
	}
	if by == GroupingRoute {
		err = s.addLatencies(ctx, &o, since, bucket)
	}
	return o, err
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
	t.Unaccounted, t.LedgerKnown = report.Unaccounted, report.Known(time.Now()) && report.Uncertain == 0 && !s.options.NoStreams
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
func seriesOf(traffic []store.Bucketed, since time.Time, bucket time.Duration, by Grouping) []Series {
	n := int(time.Since(since)/bucket) + 1
	all := map[string]*Series{}
	if by == GroupingNone {
		all[""] = newSeries("", since, bucket, n)
	}
	for _, t := range traffic {
		if all[t.Name] == nil {
			all[t.Name] = newSeries(t.Name, since, bucket, n)
		}
		if t.Bucket >= 0 && t.Bucket < n {
			all[t.Name].Points[t.Bucket].add(t)
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

func (p *Point) add(t store.Bucketed) {
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
	case status.Cancelled:
		p.Cancelled += t.Count
	case store.AcceptedKind:
		p.Accepted += t.Count
	default: // of no column
	}
}
