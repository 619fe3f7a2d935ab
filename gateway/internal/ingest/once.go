package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"
	"golang.org/x/time/rate"

	"github.com/penstock/penstock/gateway/internal/dedup"
	"github.com/penstock/penstock/gateway/internal/spool"
	"github.com/penstock/penstock/pkg/amqpx"
)

// Store remembers which events were accepted. Its errors hold up no event: it may
// become a duplicate.
type Store interface {
	// Claim claims a key for an event id, for at most the lease.
	Claim(ctx context.Context, key, id string, lease time.Duration) (dedup.Claim, error)
	// Settle ends the claim: a positive window remembers the event, zero forgets it.
	Settle(ctx context.Context, key, id string, window time.Duration) error
}

// How long a claim outlives the publish that it is for, so that a late confirm
// still finds it, and when a sender whose event is claimed may come again.
const (
	leaseAfter   = 25 * time.Second
	retryPending = 5 * time.Second
)

// once lets publish have each event only once. An event that was accepted before
// is not published again and gets the first one's id.
type once struct {
	publish outage
	store   Store
	metrics *Metrics
	log     *zap.Logger
	outages *rate.Sometimes
}

func (o once) Do(ctx context.Context, r *Request) error {
	r.fingerprint = r.source.fingerprint(r)
	if r.fingerprint == "" {
		return o.publish.Do(ctx, r)
	}
	claim, err := o.store.Claim(ctx, r.fingerprint, r.eventID, o.publish.timeout+leaseAfter)
	o.note(ctx, r.source, err)
	switch claim.State {
	case dedup.Done:
		r.eventID, r.duplicate = claim.ID, true
		return nil
	case dedup.Pending:
		return &Refusal{Kind: KindUnavailable, Reason: reasonPending, RetryAfter: retryPending}
	case dedup.Fresh:
	}
	settle := o.settler(ctx, r)
	r.late = settle
	err = o.publish.Do(ctx, r)
	settle(err)
	return err
}

// settler returns what ends the claim of r as the outcome of its publish has it. It
// outlives the request.
func (o once) settler(ctx context.Context, r *Request) func(error) {
	ctx = context.WithoutCancel(ctx)
	source, key, id := r.source, r.fingerprint, r.eventID
	return func(outcome error) {
		window := source.window
		switch {
		case errors.Is(outcome, amqpx.ErrUnknown), errors.Is(outcome, spool.ErrUnknown):
			return // the lease decides, or the confirm that comes late
		case outcome != nil:
			window = 0
		}
		o.note(ctx, source, o.store.Settle(ctx, key, id, window))
	}
}

// note counts and logs that the store did not answer.
func (o once) note(ctx context.Context, s *Source, err error) {
	if err == nil {
		return
	}
	o.metrics.undeduplicated.Add(ctx, 1, s.labels.source.Add...)
	o.outages.Do(func() { o.log.Warn("deduplication is unavailable: duplicates are possible", zap.Error(err)) })
}

// fingerprint returns the key under which the event is known again; empty when it
// is not to be.
func (s *Source) fingerprint(r *Request) string {
	if s.window <= 0 {
		return ""
	}
	if s.provider == nil {
		return fmt.Sprintf("%s:%s", s.name, r.providerID)
	}
	known, ok := s.provider.Fingerprint(&r.signed, r.identity)
	if !ok {
		return ""
	}
	return s.name + ":" + known
}
