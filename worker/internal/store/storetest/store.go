package storetest

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/worker/internal/store"
)

// How long, at most, and how often Await looks.
const (
	patience = time.Minute
	tick     = 20 * time.Millisecond
)

// New returns an empty store, which is closed when the test ends.
func New(tb testing.TB) *store.Store {
	tb.Helper()
	s, err := store.Open(tb.Context(), "sqlite:"+filepath.Join(tb.TempDir(), "store.db"))
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, s.Close()) })
	return s
}

// Await returns the event as soon as it is as wanted, and fails the test when it is not
// within a minute.
func Await(tb testing.TB, s *store.Store, id string, wanted func(*store.Event) bool) *store.Event {
	tb.Helper()
	var last *store.Event
	require.Eventually(tb, func() bool {
		e, err := s.Event(tb.Context(), id)
		if err != nil {
			return false
		}
		last = e
		return wanted(e)
	}, patience, tick, "%v", &last)
	return last
}

// Archived wants an event whose place in the archive is known.
func Archived(e *store.Event) bool { return e.Offset >= 0 }

// In wants an event that is in a state on a route.
func In(route string, state store.State) func(*store.Event) bool {
	return func(e *store.Event) bool {
		for _, d := range e.Deliveries {
			if d.Route == route {
				return d.State == state
			}
		}
		return false
	}
}
