package replay

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/store"
)

// The pauses between tries, and how long one may take.
const (
	firstPause   = 100 * time.Millisecond
	longestPause = 2 * time.Second
	tryTime      = 10 * time.Second
)

// item is one delivery that the job is about.
type item struct {
	message *event.Message
	route   string
	settle  func() error // of a dead letter: takes it out of its queue
}

// begin does what the job is for with one delivery, in the background, at the job's rate.
// It returns as soon as that is under way, or with an error when ctx is done. ended is
// told whether it was done.
func (w *work) begin(ctx context.Context, i item, ended func(done bool)) error {
	weight := int64(min(max(len(i.message.Body), flightShare), flightBytes))
	if err := w.limiter.Wait(ctx); err != nil {
		return err
	}
	if err := w.flight.Acquire(ctx, weight); err != nil {
		return err
	}
	w.running.Go(func() {
		defer w.flight.Release(weight)
		finishing, stop := lasting(ctx, grace)
		defer stop()
		err := w.do(finishing, i)
		if err != nil {
			w.log.Warn("not done; it is where it was", zap.String("event", i.message.ID), zap.String("route", i.route), zap.Error(err))
		} else {
			w.did(1, 0)
		}
		ended(err == nil)
	})
	return nil
}

// lasting makes a context that goes on for a while after ctx has ended.
func lasting(ctx context.Context, after time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(after, cancel) })
	return longer, func() { stop(); cancel() }
}

// do records, publishes and settles, one after the other.
func (w *work) do(ctx context.Context, i item) error {
	if i.message.ID != "" { // what has no id cannot be told about
		record := w.record(i)
		if err := w.insist(ctx, func(ctx context.Context) error { return w.Recorder.Emit(ctx, record) }); err != nil {
			return fmt.Errorf("record it: %w", err)
		}
	}
	if w.job.Kind != store.Discard {
		p := again(i.message, i.route, w.job.ID, time.Now())
		if err := w.insist(ctx, func(ctx context.Context) error { return w.Publisher.Publish(ctx, p) }); err != nil {
			return fmt.Errorf("publish it: %w", err)
		}
	}
	if i.settle == nil {
		return nil
	}
	if err := i.settle(); err != nil {
		return fmt.Errorf("take it out of the dead letters: %w", err)
	}
	return nil
}

func (w *work) record(i item) status.Record {
	kind := status.Replayed
	if w.job.Kind == store.Discard {
		kind = status.Discarded
	}
	return status.Record{
		Kind: kind, Event: i.message.ID, Source: i.message.Text(event.HeaderSource), Type: i.message.Type, Route: i.route,
		ReceivedAt: receivedAt(i.message), Reason: fault.ReasonOperator, Replay: w.job.ID, By: w.job.By,
	}
}

// insist tries until it works, or ctx is done. The job says what it waits for.
func (w *work) insist(ctx context.Context, try func(context.Context) error) error {
	for wait := firstPause; ; wait = min(2*wait, longestPause) {
		trying, cancel := context.WithTimeout(ctx, tryTime)
		err := try(trying)
		cancel()
		if err == nil || errors.Is(err, amqpx.ErrInvalid) || errors.Is(err, status.ErrInvalid) {
			return err
		}
		w.note(err)
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
		}
	}
}

// again is the message that brings an event to a route once more: the same one, as a
// first attempt, with the replay that it belongs to.
func again(m *event.Message, route, job string, now time.Time) amqpx.Publication {
	out := *m
	out.Headers = make(map[string]any, len(m.Headers)+2)
	maps.Copy(out.Headers, m.Headers)
	for _, name := range []string{event.HeaderRoute, event.HeaderReason, event.HeaderLastReason, event.HeaderStatus, event.HeaderError, event.HeaderDeadAt, event.HeaderReturns} {
		delete(out.Headers, name)
	}
	out.Headers[event.HeaderAttempt] = int64(1)
	out.Headers[event.HeaderReplay], out.Headers[event.HeaderReplayedAt] = job, now.UnixMilli()
	return amqpx.Publication{Exchange: topology.Routes, Key: topology.RouteQueue(route), Message: &out}
}

func receivedAt(m *event.Message) time.Time {
	if ms := m.Int(event.HeaderReceivedAt); ms > 0 {
		return time.UnixMilli(ms).UTC()
	}
	return time.Time{}
}
