package store_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/store"
)

// model is a store without an index: a search looks at everything.
type model struct{ events []store.Event }

func (m *model) find(q store.Query) []string {
	ids := []string{}
	for _, e := range m.events {
		if matches(&e, &q) {
			ids = append(ids, e.ID)
		}
	}
	return ids
}

func matches(e *store.Event, q *store.Query) bool {
	typed := q.Type == "" || e.Type == q.Type
	if prefix, ok := strings.CutSuffix(q.Type, "*"); ok {
		typed = strings.HasPrefix(e.Type, prefix)
	}
	delivered := q.Route == "" && q.Reason == "" && (q.State == "" || q.State == store.Unrouted && len(e.Deliveries) == 0)
	for _, d := range e.Deliveries {
		delivered = delivered || (q.Route == "" || d.Route == q.Route) && (q.State == "" || d.State == q.State) &&
			(q.Reason == "" || string(d.Reason) == q.Reason)
	}
	return typed && delivered && (q.Source == "" || e.Source == q.Source) && (q.ProviderID == "" || e.ProviderID == q.ProviderID) &&
		(q.From.IsZero() || !e.ReceivedAt.Before(q.From)) && (q.To.IsZero() || e.ReceivedAt.Before(q.To))
}

var (
	sources = []string{"shop", "github"}
	types   = []string{"order.paid", "order.void", "push", "ünïcode.x"}
	routes  = []string{"billing", "audit", "ci"}
)

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// populate applies random batches, and returns what must be in the store then.
func populate(t *testing.T, b *bench, r *rand.Rand) *model {
	t.Helper()
	m := &model{}
	kinds := []status.Kind{status.Retrying, status.Delivered, status.Dead, status.Filtered, status.Discarded, status.Replayed}
	for n := range int64(150) {
		a := accepted(n)
		a.Source, a.Type, a.ProviderID = pick(r, sources...), pick(r, types...), pick(r, "", "same", strconv.FormatInt(n, 10))
		a.ReceivedAt = start.Add(time.Duration(r.IntN(100)) * time.Second) // many at the same moment
		for _, route := range routes {
			if r.IntN(3) == 0 {
				a.Routes = append(a.Routes, route)
			}
		}
		batch := store.Batch{Accepted: []store.Accepted{a}}
		for _, route := range a.Routes {
			for range r.IntN(4) {
				rec := record(n, route, pick(r, kinds...))
				rec.Source, rec.Type, rec.ReceivedAt = a.Source, a.Type, a.ReceivedAt
				rec.Reason = pick(r, "", fault.ReasonTimeout, fault.ReasonGone)
				batch.Records = append(batch.Records, rec)
			}
		}
		if r.IntN(4) == 0 { // the records come first
			b.apply(t, store.Batch{Records: batch.Records})
			batch.Records = nil
		}
		b.apply(t, batch)
		m.events = append(m.events, *b.event(t, n))
	}
	return m
}

func TestEverySearchFindsWhatLookingAtEverythingFinds(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		r := rand.New(rand.NewPCG(seed, 0))
		m := populate(t, b, r)
		states := append(store.States(), store.Unrouted, "")
		for range 120 {
			q := store.Query{
				Source: pick(r, "", "", sources[0], "nobody"), Type: pick(r, append(types, "", "", "", "order.*", "ün*", "*")...),
				Route: pick(r, append(routes, "", "")...), State: pick(r, states...), ProviderID: pick(r, "", "", "", "same", "17"),
				From: pick(r, time.Time{}, start.Add(30*time.Second)), To: pick(r, time.Time{}, start.Add(70*time.Second)),
				Limit: pick(r, 5, 50, 500), Reason: pick(r, "", "", "timeout", "never"),
			}
			got, want := b.all(t, q), m.find(q)
			require.ElementsMatch(t, want, got, "%+v", q)
			n, complete, err := b.Count(b.ctx, q, 1000, time.Minute)
			require.NoError(t, err)
			require.True(t, complete)
			require.Equal(t, len(want), n, "%+v", q)
		}
		got := b.all(t, store.Query{Limit: 9})
		require.True(t, slices.IsSortedFunc(got, func(x, y string) int { return -b.compare(t, x, y) }), "the newest first")
		requireTallies(t, b, m)
		requireOldest(t, b, m)
		n, complete, err := b.Count(b.ctx, store.Query{}, 10, time.Minute)
		require.NoError(t, err)
		require.False(t, complete)
		require.Equal(t, 10, n)
	})
}

// requireOldest looks for the oldest waiting events by hand.
func requireOldest(t *testing.T, b *bench, m *model) {
	t.Helper()
	want := map[string]time.Time{}
	for _, e := range m.events {
		for _, d := range e.Deliveries {
			if at, known := want[d.Route]; (d.State == store.Pending || d.State == store.Retrying) && (!known || e.ReceivedAt.Before(at)) {
				want[d.Route] = e.ReceivedAt
			}
		}
	}
	got, err := b.Oldest(b.ctx, append(routes, "unknown"))
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func (b *bench) compare(t *testing.T, x, y string) int {
	t.Helper()
	ex, err := b.Event(b.ctx, x)
	require.NoError(t, err)
	ey, err := b.Event(b.ctx, y)
	require.NoError(t, err)
	return ex.ReceivedAt.Compare(ey.ReceivedAt)
}

// requireTallies counts by hand.
func requireTallies(t *testing.T, b *bench, m *model) {
	t.Helper()
	want, wantSources := map[string]int64{}, map[string]store.SourceTally{}
	for _, e := range m.events {
		s := wantSources[e.Source]
		s.Source = e.Source
		s.Accepted++
		if len(e.Deliveries) == 0 {
			s.Unrouted++
		}
		wantSources[e.Source] = s
		for _, d := range e.Deliveries {
			want[e.Source+" "+d.Route+" "+string(d.State)]++
		}
	}
	deliveries, sources, err := b.Tallies(b.ctx)
	require.NoError(t, err)
	got, gotSources := map[string]int64{}, map[string]store.SourceTally{}
	for _, d := range deliveries {
		got[d.Source+" "+d.Route+" "+string(d.State)] = d.Count
	}
	for _, s := range sources {
		gotSources[s.Source] = s
	}
	require.Equal(t, want, got)
	require.Equal(t, wantSources, gotSources)
}

func TestAPageIsFoundAgainByItsCursorsText(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		for n := range int64(3) {
			b.apply(t, store.Batch{Accepted: []store.Accepted{accepted(n)}})
		}
		page, err := b.Events(b.ctx, store.Query{Limit: 2})
		require.NoError(t, err)
		require.Len(t, page.Events, 2)
		after, err := store.ParseCursor(page.Next.String())
		require.NoError(t, err)
		b.apply(t, store.Batch{Accepted: []store.Accepted{accepted(9)}}) // what is new does not disturb
		page, err = b.Events(b.ctx, store.Query{Limit: 2, After: after})
		require.NoError(t, err)
		require.Len(t, page.Events, 1)
		require.Equal(t, id(0), page.Events[0].ID)
		require.True(t, page.Next.IsZero())
		require.Empty(t, page.Next.String())
	})
}

func TestACursorOfAnotherListIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"x", "AAAA", "////"} {
		_, err := store.ParseCursor(text)
		require.ErrorIs(t, err, store.ErrCursor)
	}
}

func TestASearchOfManyCandidatesEndsItsPageEarlyAndGoesOn(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		var batch store.Batch
		for n := range int64(5000) {
			batch.Accepted = append(batch.Accepted, accepted(n))
		}
		batch.Accepted[0].Type, batch.Accepted[3000].Type = "order.rare", "order.rare"
		b.apply(t, batch)
		require.Equal(t, []string{id(3000), id(0)}, b.all(t, store.Query{Source: "shop", Type: "order.rar*", Limit: 1}))
	})
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		_, err := b.Event(b.ctx, "nothing")
		require.ErrorIs(t, err, store.ErrNotFound)
		page, err := b.Events(b.ctx, store.Query{})
		require.NoError(t, err)
		require.Empty(t, page.Events)
	})
}
