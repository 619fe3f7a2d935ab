package spool

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"
	"golang.org/x/time/rate"

	"github.com/penstock/penstock/gateway/internal/journal"
	"github.com/penstock/penstock/pkg/fanout"
)

// ErrUnavailable means that the event was not kept: there is no room, or the
// disk fails.
var ErrUnavailable = errors.New("spool: unavailable")

// ErrUnknown means that the disk did not answer in time: the event may or may not
// have been kept.
var ErrUnknown = errors.New("spool: outcome unknown")

// Publisher puts an event into the broker. Publish returns nil only when every copy of it
// is safe there.
type Publisher interface {
	Publish(ctx context.Context, e fanout.Event) error
}

// Options are what a spool works with. Nothing may be nil or zero.
type Options struct {
	Dir       string
	MaxBytes  int64 // on disk
	MaxMemory int64 // of what waits for the disk, and of what comes back from it: bytes, and one event more of each
	Publisher Publisher
	Meter     metric.Meter
	Log       *zap.Logger
}

// publishers is how many events are taken out and published at once. Each of them
// is in memory.
const publishers = 8

// betweenLines is how often an outage is logged.
const betweenLines = 30 * time.Second

// Spool is an open spool. Its methods are safe for concurrent use.
type Spool struct {
	journal   *journal.Journal
	publisher Publisher
	metrics   *metrics
	log       *zap.Logger
	failures  rate.Sometimes     // thins out log lines
	rest      context.CancelFunc // waits for nothing any more
	stop      context.CancelFunc // ends all work
	running   sync.WaitGroup
	close     sync.Once
	closeErr  error
}

// Open opens the spool in a folder and begins to publish what an earlier process left.
// It fails when the folder cannot be used; see journal.Open.
func Open(o Options) (*Spool, error) {
	j, err := journal.Open(o.Dir, journal.Options{MaxBytes: o.MaxBytes, MaxWaiting: o.MaxMemory / 2, MaxTaken: o.MaxMemory / 4, Log: o.Log})
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &Spool{journal: j, publisher: o.Publisher, log: o.Log, failures: rate.Sometimes{Interval: betweenLines}, stop: stop}
	open, rest := context.WithCancel(ctx)
	s.rest = rest
	if s.metrics, err = newMetrics(o.Meter, j.Stats, o.MaxBytes); err != nil {
		stop()
		return nil, errors.Join(err, j.Close(ctx))
	}
	if left := j.Stats(); left.Records > 0 {
		o.Log.Info("publishing what an earlier process left in the spool", zap.Int("events", left.Records), zap.Int64("bytes", left.Bytes))
	}
	for range publishers {
		s.running.Go(func() { s.drain(ctx, open) })
	}
	return s, nil
}

// Spool keeps the event, and returns nil when it is safe on disk. The error is
// ErrUnavailable or ErrUnknown, the latter when ctx ended first. e.Late is then told
// the outcome when there is one.
func (s *Spool) Spool(ctx context.Context, e fanout.Event) error {
	payload, err := encode(e)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	err = s.journal.Append(ctx, payload, e.Late)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, journal.ErrUnknown):
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	default:
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
}

// Ready returns nil when Spool works, as far as is known. Otherwise it is
// ErrUnavailable and says why.
func (s *Spool) Ready() error {
	if err := s.journal.Ready(); err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return nil
}

// Close goes on publishing while the broker takes what there is and ctx allows, then
// closes the files. What is left stays on disk, for the next process.
func (s *Spool) Close(ctx context.Context) error {
	s.close.Do(func() { s.closeErr = s.shut(ctx) })
	return s.closeErr
}

// closeWithin is what Close leaves to the disk and to those who are closed after it.
const closeWithin = 3 * time.Second

func (s *Spool) shut(ctx context.Context) error {
	s.rest()
	idle := make(chan struct{})
	go func() { s.running.Wait(); close(idle) }()
	select {
	case <-idle:
	case <-soonBefore(ctx, closeWithin):
	}
	s.stop()
	<-idle
	if left := s.journal.Stats(); left.Records > 0 {
		s.log.Warn("events stay in the spool: they are published when a gateway starts with this folder",
			zap.Int("events", left.Records), zap.Int64("bytes", left.Bytes))
	}
	return s.journal.Close(ctx)
}

// soonBefore returns a channel that is ready that long before ctx ends.
func soonBefore(ctx context.Context, d time.Duration) <-chan time.Time {
	end, limited := ctx.Deadline()
	if !limited {
		return nil
	}
	return time.After(time.Until(end) - d)
}
