package journal_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/gateway/internal/journal"
)

func TestWhatWasAppendedComesBackInOrder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := open(t, dir, options())
	long := strings.Repeat("x", 5000) // more than a segment
	add(t, j, "one", "", long, "two")
	require.Equal(t, 4, j.Stats().Records)
	require.Equal(t, []string{"one", "", long, "two"}, drain(t, j))
	require.Zero(t, j.Stats())
	require.Empty(t, files(t, dir), "what is done takes no room")
	add(t, j, "three")
	require.Equal(t, []string{"three"}, drain(t, j))
}

func TestANextWaitsForAnAppend(t *testing.T) {
	t.Parallel()
	j := open(t, t.TempDir(), options())
	got := make(chan string)
	for range 3 { // each of several takers is woken
		go func() {
			r, err := j.Next(context.Background())
			if err != nil {
				return
			}
			j.Done(r)
			got <- string(r.Payload)
		}()
	}
	add(t, j, "a", "b", "c")
	all := []string{<-got, <-got, <-got}
	slices.Sort(all)
	require.Equal(t, []string{"a", "b", "c"}, all)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := j.Next(ctx)
	require.ErrorIs(t, err, context.Canceled)
}

func TestWhatIsNotDoneComesAgainAfterARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := open(t, dir, options())
	for i := range 100 {
		add(t, j, fmt.Sprintf("%03d", i)) // in several segments
	}
	var left []string
	for i := range 60 {
		r := next(t, j)
		if i%3 == 0 {
			left = append(left, string(r.Payload)) // taken, and never done
			continue
		}
		j.Done(r)
	}
	for i := 60; i < 100; i++ {
		left = append(left, fmt.Sprintf("%03d", i))
	}
	closeIt(t, j)

	j = open(t, dir, options())
	add(t, j, "after")
	require.Equal(t, len(left)+1, j.Stats().Records)
	require.Equal(t, append(left, "after"), drain(t, j))
	require.Empty(t, files(t, dir))
}

func TestConcurrentAppendsAreAllKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := open(t, dir, options())
	var all sync.WaitGroup
	for w := range 16 {
		all.Go(func() {
			for i := range 20 {
				if err := j.Append(t.Context(), fmt.Appendf(nil, "%d.%d", w, i), nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	closeIt(t, j)
	got := drain(t, open(t, dir, options()))
	slices.Sort(got)
	require.Len(t, slices.Compact(got), 320)
}

func TestAFullJournalTakesNoMoreUntilThereIsRoom(t *testing.T) {
	t.Parallel()
	o := options()
	o.MaxBytes = 2 * (100 + journal.HeaderSize)
	j := open(t, t.TempDir(), o)
	hundred := strings.Repeat("x", 100)
	add(t, j, hundred, hundred)
	require.NoError(t, j.Ready())
	require.ErrorIs(t, j.Append(t.Context(), []byte("x"), nil), journal.ErrFull)
	require.ErrorIs(t, j.Ready(), journal.ErrFull)
	require.ErrorIs(t, j.Append(t.Context(), make([]byte, journal.MaxPayload+1), nil), journal.ErrFull)

	drain(t, j)
	add(t, j, hundred)
	require.NoError(t, j.Ready())
}

func TestOnlyOneProcessUsesAFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := open(t, dir, options())
	_, err := journal.Open(dir, options())
	require.ErrorIs(t, err, journal.ErrLocked)
	closeIt(t, j)
	open(t, dir, options())
}

func TestAClosedJournalTakesNothing(t *testing.T) {
	t.Parallel()
	j := open(t, t.TempDir(), options())
	closeIt(t, j)
	closeIt(t, j)
	require.ErrorIs(t, j.Append(t.Context(), nil, nil), journal.ErrClosed)
	require.ErrorIs(t, j.Ready(), journal.ErrClosed)
}

func TestAFolderThatCannotBeWrittenIsFoundAtTheStart(t *testing.T) {
	t.Parallel()
	_, err := journal.Open("/proc/penstock", options())
	require.ErrorContains(t, err, "/proc/penstock")
}

func TestTheOldestRecordThatWasTakenIsTold(t *testing.T) {
	t.Parallel()
	j := open(t, t.TempDir(), options())
	require.Zero(t, j.Stats().Oldest)
	add(t, j, "a", "b")
	a, b := next(t, j), next(t, j)
	require.Equal(t, a.At, j.Stats().Oldest)
	require.WithinDuration(t, time.Now(), a.At, time.Minute)
	j.Done(a)
	require.Equal(t, b.At, j.Stats().Oldest)
	j.Done(b)
	require.Zero(t, j.Stats().Oldest)
}
