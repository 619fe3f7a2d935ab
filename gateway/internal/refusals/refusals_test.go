package refusals_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"github.com/penstock/penstock/gateway/internal/refusals"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/refusal"
	"github.com/penstock/penstock/pkg/topology"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// broker takes reports, unless it is out. One that is half out takes them without saying so.
type broker struct {
	mu        sync.Mutex
	out, half bool
	reports   []refusal.Report
}

func (b *broker) Publish(_ context.Context, p amqpx.Publication) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.out {
		return amqpx.ErrUnavailable
	}
	r, err := refusal.Decode(p.Message)
	if err != nil || p.Exchange != topology.Refused {
		return errors.Join(err, amqpx.ErrInvalid)
	}
	b.reports = append(b.reports, r)
	if b.half {
		return amqpx.ErrUnknown
	}
	return nil
}

func (b *broker) set(out, half bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.out, b.half = out, half
}

// sums adds up as a tracker does: a number of an instance counts once.
func (b *broker) sums() map[string]int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	all, seen := map[string]int64{}, map[int64]bool{}
	for _, r := range b.reports {
		if seen[r.Number] {
			continue
		}
		seen[r.Number] = true
		for _, c := range r.Counts {
			all[c.Source+" "+c.Reason] += c.N
		}
		for _, e := range r.Repeats {
			all[e.Event] += e.N
		}
	}
	return all
}

func (b *broker) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.reports)
}

func setup(t *testing.T, b *broker) *refusals.Refusals {
	t.Helper()
	r := refusals.New(refusals.Options{Publisher: b, Every: 5 * time.Millisecond, Log: zap.NewNop()})
	t.Cleanup(func() { _ = r.Close(context.Background()) })
	return r
}

func TestWhatIsRefusedIsToldAsCounts(t *testing.T) {
	t.Parallel()
	b := &broker{}
	r := setup(t, b)
	for range 3 {
		r.Count("github", "signature")
	}
	r.Count("shop", "too-large")
	r.Repeat("event-1")
	r.Repeat("event-1")
	want := map[string]int64{"github signature": 3, "shop too-large": 1, "event-1": 2}
	require.Eventually(t, func() bool { return fmt.Sprint(b.sums()) == fmt.Sprint(want) }, 20*time.Second, time.Millisecond)
	told := b.count()
	require.Never(t, func() bool { return b.count() > told }, 50*time.Millisecond, 5*time.Millisecond, "nothing new was told")
}

func TestAnOutageLosesNoCount(t *testing.T) {
	t.Parallel()
	b := &broker{out: true}
	r := setup(t, b)
	for range 100 {
		r.Count("github", "signature")
	}
	b.set(false, false)
	require.Eventually(t, func() bool { return b.sums()["github signature"] == 100 }, 20*time.Second, time.Millisecond)
}

func TestWhatWasNotConfirmedIsToldAgainAndCountsOnce(t *testing.T) {
	t.Parallel()
	b := &broker{half: true}
	r := setup(t, b)
	r.Count("github", "signature")
	require.Eventually(t, func() bool { return b.count() > 2 }, 20*time.Second, time.Millisecond, "it is not told again")
	r.Count("github", "signature")
	b.set(false, false)
	require.Eventually(t, func() bool { return b.sums()["github signature"] == 2 }, 20*time.Second, time.Millisecond)
}

func TestWhatIsLeftAtTheEndIsTold(t *testing.T) {
	t.Parallel()
	b := &broker{}
	r := refusals.New(refusals.Options{Publisher: b, Every: time.Hour, Log: zap.NewNop()})
	for n := range refusal.MaxCounts + 1 {
		r.Count(fmt.Sprintf("source-%d", n), "signature")
	}
	require.NoError(t, r.Close(t.Context()))
	require.Len(t, b.sums(), refusal.MaxCounts+1)
	require.Equal(t, 2, b.count())

	b.set(true, false)
	r = refusals.New(refusals.Options{Publisher: b, Every: time.Hour, Log: zap.NewNop()})
	r.Count("github", "signature")
	require.ErrorIs(t, r.Close(t.Context()), amqpx.ErrUnavailable)
}

func TestRepetitionsOfTooManyEventsAreNotNoted(t *testing.T) {
	t.Parallel()
	b := &broker{}
	r := refusals.New(refusals.Options{Publisher: b, Every: time.Hour, Log: zap.NewNop()})
	for range 2 {
		for n := range refusal.MaxCounts + 10 {
			r.Repeat(fmt.Sprintf("event-%d", n))
		}
	}
	require.NoError(t, r.Close(t.Context()))
	require.Len(t, b.sums(), refusal.MaxCounts)
	require.EqualValues(t, 2, b.sums()["event-0"])
}
