//go:build benchmark

package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/store"
)

// TestManyEvents fills a store as a tracker would, and measures writing and searching.
// The environment says how: PENSTOCK_BENCH_STORE, the store's URL; and
// PENSTOCK_BENCH_EVENTS, how many events it is to hold.
func TestManyEvents(t *testing.T) {
	ctx, url := context.Background(), os.Getenv("PENSTOCK_BENCH_STORE")
	if url == "" {
		url = sqlite(t)
	}
	total, err := strconv.ParseInt(os.Getenv("PENSTOCK_BENCH_EVENTS"), 10, 64)
	if err != nil {
		total = 100_000
	}
	b := open(ctx, t, url)
	t.Run("the tracker's batches", func(t *testing.T) { measureWrites(t, b, b.size(t), 20_000) })
	t.Run("fill", func(t *testing.T) { fill(t, b, total) })
	t.Run("fill the last day", func(t *testing.T) { fillDay(t, b) })
	t.Run("the tracker's batches when it is full", func(t *testing.T) { measureWrites(t, b, b.size(t), 20_000) })
	t.Run("search", func(t *testing.T) { measureSearches(t, b, b.size(t)) })
}

func (b *bench) size(t *testing.T) int64 {
	_, sources, err := b.Tallies(b.ctx)
	require.NoError(t, err)
	n := int64(0)
	for _, s := range sources {
		n += s.Accepted
	}
	return n
}

// The installation that is measured: 20 sources with 10 types each, 30 routes. One
// event in 100 becomes a dead letter, one in 30 is tried twice, one in 500 is unrouted.
const benchSources, benchTypes, benchRoutes = 20, 10, 30

func benchEvent(n int64) (store.Accepted, []status.Record) {
	a := accepted(n)
	s := n % benchSources
	a.Source, a.Type = fmt.Sprintf("source-%d", s), fmt.Sprintf("thing.%d.happened", s*benchTypes+n/benchSources%benchTypes)
	a.ReceivedAt = start.Add(time.Duration(n) * 100 * time.Millisecond)
	if n%500 == 499 {
		return a, nil
	}
	a.Routes = []string{fmt.Sprintf("route-%d", n%benchRoutes)}
	r := record(n, a.Routes[0], status.Delivered)
	r.Source, r.Type, r.ReceivedAt, r.At, r.HTTPStatus = a.Source, a.Type, a.ReceivedAt, a.ReceivedAt.Add(time.Second), 200
	switch {
	case n%100 == 7:
		r.Kind, r.Reason = status.Dead, fault.ReasonRejected
	case n%30 == 3:
		again := r
		r.Kind, r.Reason = status.Retrying, fault.ReasonTimeout
		return a, []status.Record{r, again}
	}
	return a, []status.Record{r}
}

// fill writes events with what became of them in large batches.
func fill(t *testing.T, b *bench, total int64) {
	from, began := b.size(t), time.Now()
	if from >= total {
		return
	}
	for n := from; n < total; {
		var batch store.Batch
		for ; n < total && len(batch.Accepted) < 5000; n++ {
			a, records := benchEvent(n)
			batch.Accepted = append(batch.Accepted, a)
			batch.Records = append(batch.Records, records...)
		}
		b.apply(t, batch)
		if n%500_000 == 0 {
			t.Logf("%d events after %v", n, time.Since(began).Round(time.Second))
		}
	}
	t.Logf("filled with %d events: %.0f events/s", total-from, float64(total-from)/time.Since(began).Seconds())
}

// measureWrites is what a busy tracker does: the archive and the status records of the
// events before, in batches of a thousand records.
func measureWrites(t *testing.T, b *bench, from, n int64) {
	var waiting []status.Record
	written, began := 0, time.Now()
	var slowest time.Duration
	for end := from + n; from < end; {
		batch := store.Batch{Records: waiting}
		waiting = nil
		for range 500 {
			a, records := benchEvent(from)
			batch.Accepted = append(batch.Accepted, a)
			waiting = append(waiting, records...)
			from++
		}
		one := time.Now()
		b.apply(t, batch)
		slowest = max(slowest, time.Since(one))
		written += len(batch.Accepted) + len(batch.Records)
	}
	b.apply(t, store.Batch{Records: waiting})
	t.Logf("%d records in batches of 1000: %.0f records/s, slowest batch %v", written, float64(written)/time.Since(began).Seconds(), slowest)
}

func measureSearches(t *testing.T, b *bench, total int64) {
	middle := start.Add(time.Duration(total/2) * 100 * time.Millisecond)
	page, err := b.Events(b.ctx, store.Query{From: middle, To: middle.Add(time.Minute)})
	require.NoError(t, err)
	deep := page.Next
	for name, q := range map[string]store.Query{
		"newest":                       {},
		"deep in the list":             {After: deep},
		"one minute, long ago":         {From: middle, To: middle.Add(time.Minute)},
		"source":                       {Source: "source-3"},
		"source, deep":                 {Source: "source-3", After: deep},
		"type":                         {Type: "thing.33.happened"},
		"type prefix":                  {Type: "thing.3*"},
		"source and type":              {Source: "source-3", Type: "thing.33.happened"},
		"source and another's type":    {Source: "source-4", Type: "thing.33.happened"},
		"route":                        {Route: "route-7"},
		"route, deep":                  {Route: "route-7", After: deep},
		"dead":                         {State: store.Dead},
		"dead, one minute, long ago":   {State: store.Dead, From: middle, To: middle.Add(time.Minute)},
		"delivered":                    {State: store.Delivered},
		"filtered: there is none":      {State: store.Filtered},
		"dead of a route":              {State: store.Dead, Route: "route-7"},
		"dead of a source":             {State: store.Dead, Source: "source-7"},
		"dead of a source without any": {State: store.Dead, Source: "source-3"},
		"delivered of a route, deep":   {State: store.Delivered, Route: "route-7", After: deep},
		"route of another source":      {Route: "route-7", Source: "source-2"},
		"unrouted":                     {State: store.Unrouted},
		"provider's id":                {ProviderID: fmt.Sprintf("p%d", total/3)},
		"500 of a type that is not":    {Type: "nothing*", Limit: 500},
		"500 newest":                   {Limit: 500},
		"pending":                      {State: store.Pending},
		"retrying of a route":          {State: store.Retrying, Route: "route-12"},
		"pending of a source":          {State: store.Pending, Source: "source-3"},
		"dead for a reason":            {State: store.Dead, Reason: string(fault.ReasonMaxAttempts)},
		"any state for a reason":       {Reason: string(fault.ReasonServerError)},
	} {
		times := make([]time.Duration, 0, 40)
		found := 0
		for range cap(times) {
			began := time.Now()
			page, err := b.Events(b.ctx, q)
			require.NoError(t, err)
			times, found = append(times, time.Since(began)), len(page.Events)
		}
		slices.Sort(times)
		t.Logf("%-30s median %8v, 95 %% %8v, slowest %8v (%d found)", name, round(times[20]), round(times[37]), round(times[39]), found)
	}
	times := make([]time.Duration, 0, 200)
	for range cap(times) {
		began := time.Now()
		b.event(t, rand.Int64N(total))
		times = append(times, time.Since(began))
	}
	slices.Sort(times)
	t.Logf("%-30s median %8v, 95 %% %8v, slowest %8v", "one event by its id", round(times[100]), round(times[190]), round(times[199]))
	measureLedger(t, b)
}

func round(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }
