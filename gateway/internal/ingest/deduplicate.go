package ingest

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"
	"golang.org/x/time/rate"

	"github.com/penstock/penstock/gateway/internal/dedup"
	"github.com/penstock/penstock/gateway/internal/spool"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
)

// Store remembers events and their ids. Its errors hold up no event: the event may become
// a duplicate, or get a second id.
type Store interface {
	// Claim claims an event, and proposes an id for the case that it has none yet. With an
	// error, the claim is granted for that id.
	Claim(ctx context.Context, key dedup.Key, id string, terms dedup.Terms) (dedup.Claim, error)
	// Settle ends the claim, or notes what is known of it.
	Settle(ctx context.Context, key dedup.Key, c dedup.Claim, o dedup.Outcome, terms dedup.Terms) error
}

// How long a claim outlives the publish that it is for, so that a late confirm
// still finds it, and when a sender whose event is claimed may come again.
const (
	leaseAfter   = 25 * time.Second
	retryPending = 5 * time.Second
)

// deduplicate lets publish have each event only once, and under one id. An event that was
// accepted within its window is not published again and gets the first one's id. One that
// was accepted before that is published on a further round. One that was not accepted
// keeps the id of the first try.
type deduplicate struct {
	publish outage
	store   Store
	metrics *Metrics
	log     *zap.Logger
	outages *rate.Sometimes
}

func (d deduplicate) Do(ctx context.Context, r *Request) error {
	key, known := r.source.key(r)
	if !known {
		return d.publish.Do(ctx, r)
	}
	claim, err := d.store.Claim(ctx, key, r.eventID, d.terms(r.source))
	d.note(ctx, r.source, err)
	settle := d.settler(ctx, r.source, key, claim)
	if claim.Repeated && claim.State == dedup.Granted && r.recovered != "" { // its sender delivered it after all
		r.eventID, r.duplicate = claim.ID, true
		settle(nil, nil)
		return nil
	}
	if claim.Repeated { // a further round, which the id that is not used names
		r.replay = event.Replay{ID: r.eventID, At: r.Arrived}
	}
	r.eventID, r.done = claim.ID, claim.Done
	switch claim.State {
	case dedup.Duplicate:
		r.duplicate = true
		return nil
	case dedup.Pending:
		return &Refusal{Kind: KindUnavailable, Reason: reasonPending, RetryAfter: retryPending}
	case dedup.Granted:
	}
	r.late = func(outcome error) { settle(outcome, claim.Done) }
	err = d.publish.Do(ctx, r)
	settle(err, r.done)
	return err
}

// settler returns what ends the claim as the outcome of its publish has it. It outlives
// the request.
func (d deduplicate) settler(ctx context.Context, s *Source, key dedup.Key, c dedup.Claim) func(outcome error, done []string) {
	ctx = context.WithoutCancel(ctx)
	return func(outcome error, done []string) {
		// While it is unknown, the lease decides, or the confirm that comes late.
		unknown := errors.Is(outcome, amqpx.ErrUnknown) || errors.Is(outcome, spool.ErrUnknown)
		if unknown && len(done) == 0 {
			return
		}
		d.note(ctx, s, d.store.Settle(ctx, key, c, dedup.Outcome{Accepted: outcome == nil, Unknown: unknown, Done: done}, d.terms(s)))
	}
}

func (d deduplicate) terms(s *Source) dedup.Terms {
	return dedup.Terms{Lease: d.publish.timeout + leaseAfter, Window: s.window, Memory: s.memory}
}

// note counts and logs that the store did not answer.
func (d deduplicate) note(ctx context.Context, s *Source, err error) {
	if err == nil {
		return
	}
	d.metrics.undeduplicated.Add(ctx, 1, s.labels.source.Add...)
	d.outages.Do(func() { d.log.Warn("deduplication is unavailable: duplicates are possible", zap.Error(err)) })
}

// key returns what the event is known by. It is false for an event that is not to be known
// again.
func (s *Source) key(r *Request) (dedup.Key, bool) {
	if s.window <= 0 {
		return dedup.Key{}, false
	}
	known, ok := r.providerID, true
	if s.provider != nil {
		known, ok = s.provider.Fingerprint(r.read, r.identity)
	}
	return dedup.Key{Source: s.name, Event: known}, ok
}
