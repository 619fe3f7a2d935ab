package ingest

import (
	"context"
	"errors"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/topology"
)

// Spool keeps a message while the broker takes none. Spool returns nil only when the
// message is safe, and spool.ErrUnknown when it may be.
type Spool interface {
	Spool(ctx context.Context, p amqpx.Publication) error
}

// spoolWithin is how long the disk may take to keep an event.
const spoolWithin = 2 * time.Second

// outage publishes, and lets the spool keep what the broker did not take, of sources
// that want it.
type outage struct {
	publish

	spool Spool // nil: there is none
}

func (o outage) Do(ctx context.Context, r *Request) error {
	err := o.publish.Do(ctx, r)
	if err == nil || o.spool == nil || !r.source.spools || asRefusal(err).Kind != KindUnavailable {
		return err
	}
	// The broker may have it all the same, when no confirm came. Then the spool makes a
	// duplicate; a refusal would be a loss with a sender that does not come again.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), spoolWithin)
	defer cancel()
	kept := o.spool.Spool(ctx, amqpx.Publication{
		Exchange: topology.Events,
		Key:      topology.EventKey(r.source.name, r.eventType),
		Message:  r.message,
		Late:     r.late,
	})
	if kept != nil {
		return &Refusal{Kind: KindUnavailable, Reason: "spool-unavailable", RetryAfter: retryPublish, Cause: errors.Join(kept, err)}
	}
	r.spooled = true
	return nil
}
