package track_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/track"
)

var errEnough = errors.New("enough")

// follow reads so many entries behind a place.
func (b *bench) follow(t *testing.T, a *track.Archive, from track.Place, n int) (entries []track.Entry) {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	err := a.Follow(ctx, from, func(e track.Entry) error {
		if entries = append(entries, e); len(entries) == n {
			return errEnough
		}
		return nil
	})
	require.ErrorIs(t, err, errEnough, "%d of %d entries came", len(entries), n)
	return entries
}

func ids(entries []track.Entry) []string {
	var all []string
	for _, e := range entries {
		all = append(all, e.Message.ID)
	}
	return all
}

func TestTheArchiveIsFollowedFromEachPlace(t *testing.T) {
	t.Parallel()
	b := setup(t)
	began := time.Now()
	a := b.archive(t, b.cfg)
	var want []string
	for range 5 {
		want = append(want, b.accept(t, "shop", "order.paid", []byte("x")))
	}
	all := b.follow(t, a, track.Place{}, 5)
	require.Equal(t, want, ids(all))
	require.Equal(t, want[2:], ids(b.follow(t, a, all[1].Place, 3)), "behind an entry")
	before := all[1].Place
	before.Again = true
	require.Equal(t, want[1:], ids(b.follow(t, a, before, 4)), "before an entry")
	require.Equal(t, want, ids(b.follow(t, a, track.Place{At: began}, 5)), "from a moment")
	end := a.End(b.ctx)
	require.Equal(t, all[4].Place, end)
	want = append(want, b.accept(t, "shop", "order.paid", []byte("y")))
	require.Equal(t, want[5:], ids(b.follow(t, a, end, 1)), "from the end")
}

func TestACutArchiveIsReported(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.archive(t, b.cfg)
	b.accept(t, "shop", "order.paid", []byte("x"))
	first := b.follow(t, a, track.Place{}, 1)[0]
	require.Empty(t, first.Loss)
	for range 20 {
		b.accept(t, "shop", "order.paid", make([]byte, 40_000))
	}
	require.Eventually(t, func() bool { return b.follow(t, a, track.Place{}, 1)[0].Place.Offset > first.Place.Offset+1 },
		patience, 100*time.Millisecond, "the broker cuts it")
	next := b.follow(t, a, first.Place, 2)
	require.Equal(t, track.Truncated, next[0].Loss)
	require.Empty(t, next[1].Loss)
}

func TestAnArchiveThatWasMadeAgainIsReported(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.archive(t, b.cfg)
	for range 3 {
		b.accept(t, "shop", "order.paid", []byte("x"))
	}
	last := b.follow(t, a, track.Place{}, 3)[2].Place
	b.DeleteQueue(t, topology.Archive)
	b.declare(t)
	id := b.accept(t, "shop", "order.paid", []byte("y"))
	for _, place := range []track.Place{last, {Offset: 0, ID: last.ID}} { // behind the end, and at another event
		entries := b.follow(t, a, place, 1)
		require.Equal(t, []string{id}, ids(entries))
		require.Equal(t, track.Replaced, entries[0].Loss)
	}
}
