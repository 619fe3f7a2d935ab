package consume_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/retry"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
)

func unexpected(context.Context, *event.Event) error { panic("an attempt was made") }

func TestAFirstAttemptWaitsInTheBrokerUntilItsDelayIsOver(t *testing.T) {
	t.Parallel()
	b := setupJournal(t, unexpected)
	b.options.Delay = time.Hour
	b.options.Transform = func(context.Context, *event.Event) (*event.Event, error) { panic("transformed too early") }
	b.message.Headers[event.HeaderReceivedAt] = time.Now().Add(-30*time.Minute - 500*time.Millisecond).UnixMilli()
	b.process(t)
	p := b.only(t)
	require.Equal(t, topology.Delay, p.Exchange)
	require.Equal(t, topology.LevelQueue(1536), p.Key)
	require.WithinDuration(t, time.Now().Add(30*time.Minute), time.UnixMilli(p.Message.Int(event.HeaderDue)), time.Minute)
	require.EqualValues(t, 1, p.Message.Int(event.HeaderAttempt), "no attempt is lost")
	require.Len(t, b.records, 1)
	require.Equal(t, status.Postponed, b.records[0].Kind)
	require.WithinDuration(t, time.Now().Add(30*time.Minute), b.records[0].NextAt, time.Minute)
}

func TestWhatDoesNotWaitForTheDelay(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*bundle){
		"an event that is old enough": func(b *bundle) { b.message.Headers[event.HeaderReceivedAt] = time.Now().Add(-time.Hour).UnixMilli() },
		"a retry":                     func(b *bundle) { b.message.Headers[event.HeaderAttempt] = int64(2) },
		"a replay": func(b *bundle) {
			b.message.Headers[event.HeaderReplay] = event.NewID()
			b.message.Headers[event.HeaderReplayedAt] = time.Now().UnixMilli()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			attempts := 0
			b := setup(t, func(context.Context, *event.Event) error { attempts++; return nil })
			b.options.Delay = time.Hour
			change(b)
			b.process(t)
			require.Equal(t, 1, attempts)
			require.Empty(t, b.broker.published)
		})
	}
}

func TestAClockThatIsBehindMakesNoDelayLonger(t *testing.T) {
	t.Parallel()
	b := setup(t, unexpected)
	b.options.Delay = time.Minute
	b.message.Headers[event.HeaderReceivedAt] = time.Now().Add(time.Hour).UnixMilli()
	b.process(t)
	require.Equal(t, topology.LevelQueue(48), b.only(t).Key)
	require.WithinDuration(t, time.Now().Add(time.Minute), time.UnixMilli(b.only(t).Message.Int(event.HeaderDue)), 30*time.Second)
}

func TestAFilteredEventIsNotDelayed(t *testing.T) {
	t.Parallel()
	b := setup(t, unexpected)
	b.options.Delay = time.Hour
	b.options.Filter = func(context.Context, *event.Event) (bool, error) { return false, nil }
	b.process(t)
	require.Empty(t, b.broker.published)
}

func TestTheRouteSaysWhichStatusesAreTriedAgain(t *testing.T) {
	t.Parallel()
	list := []retry.Statuses{{First: 404, Last: 404}, {First: 500, Last: 599}, {First: 503, Last: 503, Except: true}}
	for name, tc := range map[string]struct {
		err   error
		again bool
	}{
		"a permanent status of the list":      {fault.Permanent(fault.Because(fault.ReasonRejected, statusError(404))), true},
		"a permanent status beside it":        {fault.Permanent(fault.Because(fault.ReasonRejected, statusError(400))), false},
		"a transient status of the list":      {fault.Because(fault.ReasonServerError, statusError(502)), true},
		"a transient status beside it":        {fault.Because(fault.ReasonServerError, statusError(408)), false},
		"an exception that asks for time":     {fault.RetryAfter(fault.Because(fault.ReasonThrottled, statusError(503)), time.Second), false},
		"no answer":                           {fault.Because(fault.ReasonTimeout, errDown), true},
		"no answer, and no retry can mend it": {fault.Permanent(errDown), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, returning(tc.err))
			b.options.Retry.On = list
			b.process(t)
			want := topology.Dead
			if tc.again {
				want = topology.Delay
			}
			require.Equal(t, want, b.only(t).Exchange)
		})
	}
}

func TestADelayIsRefused(t *testing.T) {
	t.Parallel()
	_, err := consume.New(consume.Options{Route: "orders", Handler: returning(nil), Delay: retry.Longest + 1}, nil)
	require.ErrorContains(t, err, "delay: ")
}
