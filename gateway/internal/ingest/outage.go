package ingest

import (
	"context"
	"errors"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/fanout"
)

// Spool keeps an event while there is no broker. Spool returns nil only when the event is
// safe, and spool.ErrUnknown when it may be.
type Spool interface {
	Spool(ctx context.Context, e fanout.Event) error
}

// spoolWithin is how long the disk may take to keep an event.
const spoolWithin = 2 * time.Second

// outage publishes, and lets the spool keep what could not reach the broker, of sources
// that want it. What a queue refuses is not spooled: the broker is there.
type outage struct {
	publish

	spool Spool // nil: there is none
}

func (o outage) Do(ctx context.Context, r *Request) error {
	err := o.publish.Do(ctx, r)
	if err == nil || o.spool == nil || !r.source.spools || !unreachable(err) {
		return err
	}
	// The broker may have it all the same, when no confirm came. Then the spool makes a
	// duplicate; a refusal would be a loss with a sender that does not come again.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), spoolWithin)
	defer cancel()
	kept := o.spool.Spool(ctx, r.fanout())
	if kept != nil {
		return &Refusal{Kind: KindUnavailable, Reason: "spool-unavailable", RetryAfter: retryPublish, Cause: errors.Join(kept, err)}
	}
	r.spooled = true
	return nil
}

// unreachable reports whether a publish failed because the broker did not take part.
func unreachable(err error) bool {
	refusal := asRefusal(err)
	return refusal.Kind == KindUnavailable &&
		!errors.Is(refusal.Cause, amqpx.ErrNacked) && !errors.Is(refusal.Cause, amqpx.ErrReturned)
}
