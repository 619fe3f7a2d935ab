package spool

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/gateway/internal/journal"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/fanout"
)

// How long a publish may take, and to wait between two of one event.
const (
	publishWithin = 30 * time.Second
	firstWait     = 100 * time.Millisecond
	longestWait   = 3 * time.Second
)

// drain publishes one event after the other. It ends with ctx and, once open has
// ended, when nothing is left or something fails.
func (s *Spool) drain(ctx, open context.Context) {
	for {
		r, err := s.journal.Next(open) // what is there comes even when open has ended
		if err != nil || !s.deliver(ctx, open, r) {
			return
		}
	}
}

// deliver publishes a record until that is done, and reports whether to go on.
func (s *Spool) deliver(ctx, open context.Context, r *journal.Record) bool {
	e, err := decode(r.Payload)
	if err != nil {
		s.keep(ctx, r, err)
		return true
	}
	r.Payload = nil // the event is a copy
	for wait := firstWait; ; wait = min(2*wait, longestWait) {
		err := s.publish(ctx, e)
		switch {
		case err == nil:
			s.journal.Done(r)
			s.metrics.drained.Add(ctx, 1)
			return true
		case errors.Is(err, amqpx.ErrInvalid):
			s.keep(ctx, r, err)
			return true
		}
		if done := fanout.DoneOf(err); done != nil {
			e.Done = done
		}
		s.failures.Do(func() { s.log.Warn("the spool waits for the broker", zap.Error(err)) })
		select {
		case <-open.Done():
			return false
		case <-time.After(wait/2 + rand.N(wait/2)): //nolint:gosec // only to spread tries over time
		}
	}
}

func (s *Spool) publish(ctx context.Context, e fanout.Event) error {
	ctx, cancel := context.WithTimeout(ctx, publishWithin)
	defer cancel()
	return s.publisher.Publish(ctx, e)
}

// keep leaves a record that nothing can be done with on disk.
func (s *Spool) keep(ctx context.Context, r *journal.Record, err error) {
	s.metrics.kept.Add(ctx, 1)
	s.log.Error("an event in the spool can never be published; its file is kept", zap.Error(err))
	s.journal.Keep(r)
}
