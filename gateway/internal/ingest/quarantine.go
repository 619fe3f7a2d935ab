package ingest

import (
	"bytes"
	"context"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/signature"
)

// Quarantine keeps requests that failed verification, as far as it has room. Offer
// returns at once, and calls take only when there is room.
type Quarantine interface {
	Offer(ctx context.Context, source, reason string, size int, take func() *event.Event)
}

// offer offers the quarantine a request that was refused, if its source wants that and
// it could have been good with another secret.
func (p *Pipeline) offer(ctx context.Context, r *Request) {
	if p.quarantine == nil || r.source == nil || !r.source.quarantines || !mendable(r.unverified) {
		return
	}
	p.quarantine.Offer(ctx, r.source.name, string(r.unverified), len(r.body), func() *event.Event {
		return &event.Event{
			ID:         event.NewID(),
			Source:     r.source.name,
			ReceivedAt: r.Arrived,
			Attempt:    1,
			Request:    capture(r, r.source.judged),
			Body:       bytes.Clone(r.body),
		}
	})
}

// mendable reports whether a request that was refused for this reason could verify with
// another secret. One without a signature cannot, nor one that came too late or whose body
// is not an event's.
func mendable(why signature.Reason) bool {
	switch why {
	case signature.None, signature.MissingSignature, signature.Stale, signature.Expired, signature.MalformedBody, signature.NoEvent:
		return false
	default:
		return true
	}
}
