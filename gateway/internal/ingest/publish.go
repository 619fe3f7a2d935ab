package ingest

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fanout"
)

// MaxMessage is the largest body of a message, in bytes after compression. A
// broker refuses messages above 16 MiB (max_message_size on RabbitMQ 4.x) by
// closing the channel, which would hurt every publish on it.
const MaxMessage = 14 << 20

// How long a publish may take.
const (
	retryPublish = 5 * time.Second        // when a sender may come again while the broker takes nothing
	shortest     = 250 * time.Millisecond // what a step is given even when the sender's own deadline is near
)

// Publisher puts an event into the broker. Publish returns nil only when every copy of it
// is safe there.
type Publisher interface {
	Publish(ctx context.Context, e fanout.Event) error
}

// publish makes the event and waits until it is safe.
type publish struct {
	publisher Publisher
	timeout   time.Duration
	deadlines *deadlines
}

func (p publish) Do(ctx context.Context, r *Request) error {
	ctx, span := sending(ctx, r)
	defer span.End()
	began := time.Now()
	defer func() { r.spent.publish = time.Since(began) }()
	accepted := r.makeEvent(ctx)
	message, err := event.Encode(&accepted)
	if err != nil {
		return unencodable(err)
	}
	if len(message.Body) > MaxMessage {
		return &Refusal{Kind: KindTooLarge, Reason: "message-too-large", Limit: MaxMessage, Compressed: true}
	}
	r.message = message
	// A sender that hangs up does not stop a publish that has begun: its outcome
	// would be unknown for nothing.
	err = p.publisher.Publish(p.deadlines.within(ctx, r.deadline(p.timeout, time.Now())), r.fanout())
	if err != nil {
		r.keep() // the message may still be on its way
		if done := fanout.DoneOf(err); done != nil {
			r.done = done
		}
		refusal := unpublished(err)
		fail(span, refusal)
		return refusal
	}
	return nil
}

// fanout is the event as it is published.
func (r *Request) fanout() fanout.Event {
	return fanout.Event{Source: r.source.name, Type: r.eventType, Message: r.message, Done: r.done, Late: r.late}
}

// deadline returns when a step that begins now must be done: after the timeout, and
// while the sender still listens.
func (r *Request) deadline(timeout time.Duration, now time.Time) time.Time {
	deadline := now.Add(timeout)
	if d := r.source.deadline; d > 0 {
		// A fifth of the sender's time is left to the network.
		if own := r.Arrived.Add(d * 4 / 5); own.Before(deadline) {
			deadline = own
		}
	}
	if soonest := now.Add(min(shortest, timeout)); deadline.Before(soonest) {
		return soonest
	}
	return deadline
}

func (r *Request) makeEvent(ctx context.Context) event.Event {
	return event.Event{
		ID:         r.eventID,
		Source:     r.source.name,
		Type:       r.eventType,
		ProviderID: r.providerID,
		ReceivedAt: r.Arrived,
		Attempt:    1,
		Request:    capture(r, r.source.credentials),
		Body:       r.body,
		Trace:      traceOf(ctx),
		Replay:     r.replay,
		Recovered:  r.recovered,
	}
}

// traceOf writes the span of ctx, or the sender's when nothing is traced here,
// as a W3C trace context.
func traceOf(ctx context.Context) event.Trace {
	if !trace.SpanContextFromContext(ctx).IsValid() {
		return event.Trace{}
	}
	var t traceCarrier
	propagation.TraceContext{}.Inject(ctx, &t)
	return event.Trace(t)
}

type traceCarrier event.Trace

func (t *traceCarrier) Get(string) string { return "" }
func (t *traceCarrier) Keys() []string    { return nil }
func (t *traceCarrier) Set(key, value string) {
	switch key {
	case event.HeaderTrace:
		t.Parent = value
	case event.HeaderTraceState:
		t.State = value
	}
}

func unencodable(err error) error {
	if errors.Is(err, event.ErrRequestTooLarge) {
		return because(KindHeadersTooLarge, string(KindHeadersTooLarge), err)
	}
	return err
}

// unpublished explains a failed publish. Whatever the reason, a later try can
// help, and the sender must not believe that the event is safe.
func unpublished(err error) *Refusal {
	if errors.Is(err, amqpx.ErrInvalid) { // the limits above are meant to leave nothing for this one
		return because(KindTooLarge, "broker-invalid", err)
	}
	reason := "broker-error"
	for _, known := range []struct {
		err    error
		reason string
	}{
		{amqpx.ErrUnavailable, "broker-unavailable"},
		{amqpx.ErrReturned, "broker-unroutable"},
		{amqpx.ErrNacked, "broker-refused"},
		{amqpx.ErrUnknown, "broker-unconfirmed"},
	} {
		if errors.Is(err, known.err) {
			reason = known.reason
			break
		}
	}
	return &Refusal{Kind: KindUnavailable, Reason: reason, RetryAfter: retryPublish, Cause: err}
}
