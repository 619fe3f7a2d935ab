package consume_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/retry"
	"github.com/penstock/penstock/pkg/status"
)

// stones are tombstones that a test sets, and what begins and ends.
type stones struct {
	mu    sync.Mutex
	fates map[consume.Round]consume.Fate
	open  int
	begun []consume.Round
}

func (s *stones) Begin(r consume.Round) (fate consume.Fate, end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begun = append(s.begun, r)
	s.open++
	return s.fates[r], func() { s.mu.Lock(); defer s.mu.Unlock(); s.open-- }
}

func (s *stones) IsDropped(r consume.Round) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fates[r] == consume.Drop
}

func (s *stones) set(r consume.Round, f consume.Fate) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fates = map[consume.Round]consume.Fate{r: f}
}

func TestADroppedRoundIsRecordedAndAcknowledgedUntried(t *testing.T) {
	t.Parallel()
	b := setupJournal(t, func(context.Context, *event.Event) error { panic("it is tried") })
	b.message.Headers[event.HeaderReplay] = "j"
	s := new(stones)
	s.set(consume.Round{Event: b.message.ID, Route: "orders", Replay: "j"}, consume.Drop)
	b.options.Tombstones = s
	b.process(t)
	require.Equal(t, []string{"ack"}, b.delivery.settled)
	require.Empty(t, b.broker.published)
	require.Len(t, b.records, 1)
	require.Equal(t, []any{status.Dropped, b.message.ID, "j", 0}, []any{b.records[0].Kind, b.records[0].Event, b.records[0].Replay, b.records[0].Attempt})
	require.Zero(t, s.open)
}

func TestAWithheldRoundGoesBackUntriedAndUnrecorded(t *testing.T) {
	t.Parallel()
	b := setupJournal(t, func(context.Context, *event.Event) error { panic("it is tried") })
	s := new(stones)
	s.set(consume.Round{Event: b.message.ID, Route: "orders"}, consume.Withhold)
	b.options.Tombstones = s
	b.process(t)
	require.Equal(t, []string{"release"}, b.delivery.settled)
	require.Empty(t, b.records)
}

func TestAnAttemptIsUnderWayUntilItsEventIsSettled(t *testing.T) {
	t.Parallel()
	b, s := setup(t, returning(errDown)), new(stones)
	b.options.Tombstones = s
	b.broker.fail = func(int) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		require.Equal(t, 1, s.open, "while its next attempt is published")
		return nil
	}
	b.process(t)
	require.Len(t, b.broker.published, 1)
	require.Zero(t, s.open)
	require.Equal(t, []consume.Round{{Event: b.message.ID, Route: "orders"}}, s.begun)
}

// The first event of a key fails and waits for an hour; the one behind it waits with it.
func TestADroppedEventOfAnOrderedRouteHoldsUpItsKeyNoLonger(t *testing.T) {
	t.Parallel()
	w, s := orderedWorld(t, 1), new(stones)
	failed, delivered := make(chan string, 10), make(chan string, 10)
	var first string
	var mu sync.Mutex
	o := orderedOptions(func(_ context.Context, e *event.Event) error {
		mu.Lock()
		defer mu.Unlock()
		if e.ID == first {
			failed <- e.ID
			return errors.New("down")
		}
		delivered <- e.ID
		return nil
	}, 1)
	o.Retry, o.Tombstones = retry.Policy{Initial: time.Hour, Factor: 1, Max: time.Hour, MaxAttempts: 5}, s
	mu.Lock()
	first = w.send(t, "a", 0)
	mu.Unlock()
	w.deliverer(t, o)
	require.Equal(t, first, await(t, failed))
	second := w.send(t, "a", 1)
	s.set(consume.Round{Event: first, Route: "orders"}, consume.Drop)
	require.Equal(t, second, await(t, delivered))
	require.Empty(t, failed)
}

func await(t *testing.T, from <-chan string) string {
	t.Helper()
	select {
	case got := <-from:
		return got
	case <-time.After(patience):
		require.Fail(t, "nothing came")
		return ""
	}
}
