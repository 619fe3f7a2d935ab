package consume_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/pkg/view"
)

var errDown = errors.New("destination down")

type statusError int

func (statusError) Error() string     { return "refused" }
func (s statusError) HTTPStatus() int { return int(s) }

func TestASuccessIsAcknowledgedAndPublishesNothing(t *testing.T) {
	t.Parallel()
	var got *event.Event
	b := setup(t, func(_ context.Context, e *event.Event) error { got = e; return nil })
	b.process(t)
	require.Equal(t, []string{"ack"}, b.delivery.settled)
	require.Empty(t, b.broker.published)
	require.Equal(t, b.message.ID, got.ID)
	require.JSONEq(t, `{"amount":7}`, string(got.Body))
}

func TestTheTraceOfTheEventReachesTheHandler(t *testing.T) {
	t.Parallel()
	var id string
	b := setup(t, func(ctx context.Context, _ *event.Event) error {
		id = trace.SpanContextFromContext(ctx).TraceID().String()
		return nil
	})
	b.process(t)
	require.Equal(t, "0af7651916cd43dd8448eb211c80319c", id)
}

func TestAFailureIsPublishedForTheNextAttemptAndThenAcknowledged(t *testing.T) {
	t.Parallel()
	b := setup(t, returning(errDown))
	b.message.Headers["x-death"] = "once"
	b.message.Headers["X-Delivery-Count"] = int64(2)
	b.message.Headers["CC"] = "elsewhere"
	b.message.Headers[event.HeaderReason] = "of an earlier life"
	b.process(t)

	p := b.only(t)
	require.Equal(t, topology.Delay, p.Exchange)
	require.Equal(t, topology.LevelQueue(4), p.Key)
	require.Equal(t, topology.RouteQueue("orders"), p.Message.Text(event.HeaderReturnTo))
	require.EqualValues(t, 2, p.Message.Int(event.HeaderAttempt))
	require.Equal(t, b.message.Body, p.Message.Body)
	require.Equal(t, b.message.ID, p.Message.ID)
	for _, name := range []string{"x-death", "X-Delivery-Count", "CC", event.HeaderReason} {
		require.NotContains(t, p.Message.Headers, name)
	}
	e, err := event.Decode(p.Message)
	require.NoError(t, err)
	require.Equal(t, 2, e.Attempt)
	require.Contains(t, b.message.Headers, "x-death", "the delivery's own message was changed")
}

func TestARetryAfterIsWaitedFor(t *testing.T) {
	t.Parallel()
	b, began := setup(t, returning(fault.RetryAfter(errDown, 63*time.Second))), time.Now()
	b.process(t)
	due := time.UnixMilli(b.only(t).Message.Int(event.HeaderDue))
	require.Equal(t, topology.LevelQueue(48), b.only(t).Key)
	require.Equal(t, 63*time.Second, due.Sub(began).Truncate(time.Second), "for the other fifteen seconds it waits in other levels")
}

func TestAPostponedEventWaitsForTheBackoffAndLosesNoAttempt(t *testing.T) {
	t.Parallel()
	b := setup(t, returning(fmt.Errorf("%w: not now", consume.ErrPostpone)))
	b.options.Retry.MaxAge = time.Hour
	b.message.Headers[event.HeaderAttempt] = int64(3) // the last one
	b.message.Headers[event.HeaderReceivedAt] = time.Now().Add(-2 * time.Hour).UnixMilli()
	b.process(t)
	p := b.only(t)
	require.Equal(t, topology.Delay, p.Exchange)
	require.Equal(t, topology.LevelQueue(16), p.Key)
	require.Equal(t, topology.RouteQueue("orders"), p.Message.Text(event.HeaderReturnTo))
	require.EqualValues(t, 3, p.Message.Int(event.HeaderAttempt))
}

func TestATransformationChangesWhatTheHandlerGetsAndNothingElse(t *testing.T) {
	t.Parallel()
	var got string
	b := setup(t, func(_ context.Context, e *event.Event) error { got = string(e.Body); return errDown })
	b.options.Transform = func(_ context.Context, e *event.Event) (*event.Event, error) {
		out := *e
		out.Body = []byte("changed")
		return &out, nil
	}
	b.process(t)
	require.Equal(t, "changed", got)
	require.JSONEq(t, `{"amount":7}`, string(b.only(t).Message.Body), "the next attempt begins with the body as it was received")
}

func TestAFilteredEventIsNotTransformed(t *testing.T) {
	t.Parallel()
	b := setup(t, returning(errDown))
	b.options.Filter = func(context.Context, *event.Event) (bool, error) { return false, nil }
	b.options.Transform = func(context.Context, *event.Event) (*event.Event, error) { panic("asked") }
	b.process(t)
	require.Equal(t, []string{"ack"}, b.delivery.settled)
	require.Empty(t, b.broker.published)
}

func TestAStopDuringATransformationHandsTheEventBack(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	b := setup(t, returning(nil))
	b.options.Transform = func(ctx context.Context, _ *event.Event) (*event.Event, error) {
		cancel()
		return nil, fmt.Errorf("stopped: %w", ctx.Err())
	}
	b.route(t).Process(ctx, b.delivery, b.message, b.returns)
	require.Equal(t, []string{"release"}, b.delivery.settled)
}

func TestAStopWhileAFilterWaitsHandsTheEventBack(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	b := setup(t, returning(nil))
	b.options.Filter = func(ctx context.Context, _ *event.Event) (bool, error) {
		cancel()
		return false, fmt.Errorf("stopped: %w", ctx.Err())
	}
	b.route(t).Process(ctx, b.delivery, b.message, b.returns)
	require.Equal(t, []string{"release"}, b.delivery.settled)
}

func TestFilterAndTransformationReadTheBodyOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, returning(nil))
	var seen []*view.View
	look := func(ctx context.Context, e *event.Event) {
		v, done := view.Of(ctx, e)
		defer done()
		seen = append(seen, v)
	}
	b.options.Filter = func(ctx context.Context, e *event.Event) (bool, error) { look(ctx, e); return true, nil }
	b.options.Transform = func(ctx context.Context, e *event.Event) (*event.Event, error) { look(ctx, e); return e, nil }
	b.process(t)
	require.Len(t, seen, 2)
	require.Same(t, seen[0], seen[1])
}

func TestDeadLetters(t *testing.T) {
	t.Parallel()
	refused := fault.Because(fault.ReasonRejected, statusError(400))
	tests := map[string]struct {
		change func(*bundle)
		err    error
		reason fault.Reason
		last   string
		status int64
	}{
		"permanent":                  {err: fault.Permanent(refused), reason: fault.ReasonRejected, status: 400},
		"permanent without a reason": {err: fault.Permanent(errDown), reason: fault.ReasonHandler},
		"attempts used up": {
			change: func(b *bundle) { b.message.Headers[event.HeaderAttempt] = int64(3) },
			err:    fault.Because(fault.ReasonServerError, statusError(502)), reason: fault.ReasonMaxAttempts, last: "server-error", status: 502,
		},
		"too old": {
			change: func(b *bundle) {
				b.options.Retry.MaxAge = time.Hour
				b.message.Headers[event.HeaderReceivedAt] = time.Now().Add(-2 * time.Hour).UnixMilli()
			},
			err: fault.Because(fault.ReasonTimeout, errDown), reason: fault.ReasonMaxAge, last: "timeout",
		},
		"filter fails": {
			change: func(b *bundle) {
				b.options.Filter = func(context.Context, *event.Event) (bool, error) { return false, errDown }
			},
			reason: fault.ReasonFilter,
		},
		"filter cannot read the body": {
			change: func(b *bundle) {
				b.options.Filter = func(context.Context, *event.Event) (bool, error) {
					return false, fault.Because(fault.ReasonUnreadable, errDown)
				}
			},
			reason: fault.ReasonUnreadable,
		},
		"transformation cannot read the body": {
			change: func(b *bundle) {
				b.options.Transform = func(context.Context, *event.Event) (*event.Event, error) {
					return nil, fault.Because(fault.ReasonUnreadable, errDown)
				}
			},
			reason: fault.ReasonUnreadable,
		},
		"filter panics": {
			change: func(b *bundle) { b.options.Filter = func(context.Context, *event.Event) (bool, error) { panic("no") } },
			reason: fault.ReasonFilter,
		},
		"transformation fails": {
			change: func(b *bundle) {
				b.options.RetryPermanent = true
				b.options.Transform = func(context.Context, *event.Event) (*event.Event, error) { return nil, errDown }
			},
			reason: fault.ReasonTransform,
		},
		"transformation panics": {
			change: func(b *bundle) {
				b.options.Transform = func(context.Context, *event.Event) (*event.Event, error) { panic("no") }
			},
			reason: fault.ReasonTransform,
		},
		"malformed": {
			change: func(b *bundle) { b.message.Headers[event.HeaderFormat] = int64(9) },
			reason: fault.ReasonMalformed,
		},
		"bad compression": {
			change: func(b *bundle) { b.message.ContentEncoding = event.Zstd },
			reason: fault.ReasonMalformed,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, returning(tc.err))
			b.message.Headers["x-delivery-count"] = int64(1)
			if tc.change != nil {
				tc.change(b)
			}
			b.process(t)

			p := b.only(t)
			require.Equal(t, topology.Dead, p.Exchange)
			require.Equal(t, "orders", p.Key)
			m := p.Message
			require.Equal(t, "orders", m.Text(event.HeaderRoute))
			require.Equal(t, string(tc.reason), m.Text(event.HeaderReason))
			require.Equal(t, tc.last, m.Text(event.HeaderLastReason))
			require.Equal(t, tc.status, m.Int(event.HeaderStatus))
			require.WithinDuration(t, time.Now(), time.UnixMilli(m.Int(event.HeaderDeadAt)), time.Minute)
			require.True(t, bytes.Equal(b.message.Body, m.Body))
			require.Equal(t, b.message.ContentEncoding, m.ContentEncoding)
			require.NotContains(t, m.Headers, "x-delivery-count")
		})
	}
}

func TestAReplayedEventIsAsOldAsItsReplay(t *testing.T) {
	t.Parallel()
	b := setup(t, returning(errDown))
	b.options.Retry.MaxAge = time.Hour
	b.message.Headers[event.HeaderReceivedAt] = time.Now().Add(-48 * time.Hour).UnixMilli()
	b.message.Headers[event.HeaderReplay], b.message.Headers[event.HeaderReplayedAt] = "r1", time.Now().UnixMilli()
	b.process(t)
	p := b.only(t)
	require.NotEqual(t, topology.Dead, p.Exchange)
	require.Equal(t, "r1", p.Message.Text(event.HeaderReplay))
}

func TestARouteThatRetriesPermanentFailuresTriesAgain(t *testing.T) {
	t.Parallel()
	b := setup(t, returning(fault.Permanent(errDown)))
	b.options.RetryPermanent = true
	b.process(t)
	require.Equal(t, topology.LevelQueue(4), b.only(t).Key)
}

func TestAFilteredEventIsNotHandled(t *testing.T) {
	t.Parallel()
	b := setup(t, func(context.Context, *event.Event) error { panic("handled") })
	b.options.Filter = func(_ context.Context, e *event.Event) (bool, error) { return e.Type != "order.paid", nil }
	b.process(t)
	require.Equal(t, []string{"ack"}, b.delivery.settled)
	require.Empty(t, b.broker.published)
}

func TestAPanicCostsAnAttemptAndIsBackedOff(t *testing.T) {
	t.Parallel()
	b := setup(t, func(context.Context, *event.Event) error { panic("the secret payload") })
	b.process(t)
	require.Equal(t, []string{"ack"}, b.delivery.settled)
	require.EqualValues(t, 2, b.only(t).Message.Int(event.HeaderAttempt))

	b = setup(t, func(context.Context, *event.Event) error { panic("the secret payload") })
	b.options.Retry.MaxAttempts = 1
	b.process(t)
	m := b.only(t).Message
	require.Equal(t, "max-attempts", m.Text(event.HeaderReason))
	require.Equal(t, "panic", m.Text(event.HeaderLastReason))
	require.Regexp(t, `^panic with a string in .*consume_test\..* \(pipeline_test\.go:\d+\)$`, m.Text(event.HeaderError))
}

func TestATimeoutOfTheHandlerIsAReason(t *testing.T) {
	t.Parallel()
	b := setup(t, func(ctx context.Context, _ *event.Event) error { <-ctx.Done(); return ctx.Err() })
	b.options.Timeout = 20 * time.Millisecond
	b.message.Headers[event.HeaderAttempt] = int64(3)
	b.process(t)
	require.Equal(t, "timeout", b.only(t).Message.Text(event.HeaderLastReason))
}

func TestAHandedBackEventGoesBackUncounted(t *testing.T) {
	t.Parallel()
	b := setup(t, returning(consume.ErrHandBack))
	b.process(t)
	require.Equal(t, []string{"release"}, b.delivery.settled)
	require.Empty(t, b.broker.published)
}

func TestAnEventThatIsHandedBackOftenIsRenewedBeforeTheBrokerGivesUpOnIt(t *testing.T) {
	t.Parallel()
	b := setup(t, returning(consume.ErrHandBack))
	b.returns = 8
	b.process(t)
	require.EqualValues(t, 1, b.only(t).Message.Int(event.HeaderAttempt), "it cost an attempt")
}

func TestAnAttemptCutOffByTheStopGoesBack(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	b := setup(t, func(ctx context.Context, _ *event.Event) error { cancel(); <-ctx.Done(); return ctx.Err() })
	b.route(t).Process(ctx, b.delivery, b.message, 0)
	require.Equal(t, []string{"release"}, b.delivery.settled)
	require.Empty(t, b.broker.published)
}

func TestNothingIsAcknowledgedWhenItCannotBePublished(t *testing.T) {
	t.Parallel()
	for _, refusal := range []error{amqpx.ErrUnavailable, amqpx.ErrReturned, amqpx.ErrNacked, amqpx.ErrUnknown} {
		for name, err := range map[string]error{"retry": errDown, "dead letter": fault.Permanent(errDown)} {
			t.Run(name+" "+refusal.Error(), func(t *testing.T) {
				t.Parallel()
				b := setup(t, returning(err))
				b.broker.fail = func(int) error { return refusal }
				r := b.route(t)
				r.Hurry(150*time.Millisecond, time.Second)
				r.Process(t.Context(), b.delivery, b.message, 0)
				require.Equal(t, []string{"release"}, b.delivery.settled)
				rounds := map[string]bool{}
				for _, p := range b.broker.tried {
					rounds[p.Key] = true // a level that refuses is passed over for the shorter ones
				}
				require.InDelta(t, 2, float64(b.broker.tries)/float64(len(rounds)), 1, "it either gave up at once or spun")
			})
		}
	}
}

func TestPublishingIsTriedAgain(t *testing.T) {
	t.Parallel()
	b := setup(t, returning(errDown))
	b.broker.fail = func(try int) error {
		if try == 1 {
			return amqpx.ErrUnavailable
		}
		return nil
	}
	b.process(t)
	b.only(t)
	require.Equal(t, 2, b.broker.tries)
}

func TestWhatCanNeverBePublishedIsLeftToTheBroker(t *testing.T) {
	t.Parallel()
	b := setup(t, returning(errDown))
	b.broker.fail = func(int) error { return amqpx.ErrInvalid }
	b.process(t)
	require.Equal(t, []string{"reject"}, b.delivery.settled)
	require.Equal(t, 1, b.broker.tries)
}
