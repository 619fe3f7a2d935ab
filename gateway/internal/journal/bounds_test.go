package journal_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/gateway/internal/journal"
)

// stalling is a disk that answers no write until it is released.
type stalling struct {
	journal.File

	released <-chan struct{}
}

func (s stalling) WriteAt(p []byte, off int64) (int, error) {
	<-s.released
	return s.File.WriteAt(p, off)
}

func TestWhatWaitsForAStalledDiskIsBounded(t *testing.T) {
	t.Parallel()
	released := make(chan struct{})
	o := options().With(1<<20, func(path string) (journal.File, error) {
		f, err := journal.CreateFile(path)
		return stalling{f, released}, err
	})
	o.MaxWaiting = 3000
	j := open(t, t.TempDir(), o)
	gone, cancel := context.WithCancel(t.Context())
	cancel() // nobody waits for the disk
	payload := make([]byte, 1000)
	for range 2 {
		require.ErrorIs(t, j.Append(gone, payload, nil), journal.ErrUnknown)
	}
	require.ErrorIs(t, j.Append(t.Context(), payload, nil), journal.ErrBusy, "what was left waits too")
	require.ErrorIs(t, j.Ready(), journal.ErrBusy)
	close(released)
	require.Eventually(t, func() bool { return j.Append(t.Context(), payload, nil) == nil }, 30*time.Second, 5*time.Millisecond)
	require.NoError(t, j.Ready())
	require.Len(t, drain(t, j), 3)
	require.NoError(t, j.Append(t.Context(), make([]byte, 5000), nil), "one alone may be larger")
}

func TestWhatIsTakenIsBounded(t *testing.T) {
	t.Parallel()
	o := options()
	o.MaxTaken = 10
	j := open(t, t.TempDir(), o)
	add(t, j, "12345678", "12345678", "3")
	first, second := next(t, j), next(t, j)
	full, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := j.Next(full)
	require.ErrorIs(t, err, context.Canceled)
	got := make(chan *journal.Record)
	go func() {
		r, _ := j.Next(context.Background())
		got <- r
	}()
	j.Done(first)
	third := <-got
	require.Equal(t, "3", string(third.Payload))
	j.Done(second)
	j.Done(third)
}
