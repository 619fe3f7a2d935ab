package replay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/control"
	"github.com/penstock/penstock/worker/internal/store"
	"github.com/penstock/penstock/worker/internal/tombstone"
)

// fenceLook is how often a job looks whether all deliverers obey.
const fenceLook = 100 * time.Millisecond

// awaitFence waits until no attempt for the rounds is under way, and none can begin. Each deliverer
// has to report that it knows their tombstones and attempts none of them. One that starts later
// reads the last command before it consumes. The job says what it waits for.
func (w *work) awaitFence(ctx context.Context, rounds []consume.Round) error {
	revision, err := w.Commander.Send(ctx)
	if err != nil {
		return fmt.Errorf("withhold events: %w", err)
	}
	for {
		err := w.checkFence(ctx, revision, rounds)
		if err == nil {
			return nil
		}
		w.note(err)
		if ended := pause(ctx, fenceLook); ended != nil {
			return errors.Join(err, ended)
		}
	}
}

// checkFence returns why the rounds may still be attempted.
func (w *work) checkFence(ctx context.Context, revision int64, rounds []consume.Round) error {
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	if err := w.Fleet.CatchUp(ctx, w.Publisher); err != nil {
		return err
	}
	reports := w.Fleet.Reports()
	if err := checkReports(reports, revision, tombstone.MarksOf(rounds)); err != nil {
		return err
	}
	return w.checkConsumers(ctx, reports, rounds)
}

// checkReports returns which deliverer does not obey yet.
func checkReports(reports []control.Report, revision int64, marks []tombstone.Mark) error {
	for i := range reports {
		r := &reports[i]
		switch {
		case r.Revision == nil:
			return because(store.DelivererTooOld, fmt.Errorf("the deliverer %s is of a version that knows no tombstones", r.Instance))
		case *r.Revision < revision:
			return because(store.DelivererBehind, fmt.Errorf("the deliverer %s has not confirmed the tombstones yet", r.Instance))
		case slices.ContainsFunc(r.Attempted, func(m tombstone.Mark) bool { return slices.Contains(marks, m) }):
			return because(store.DelivererBehind, fmt.Errorf("the deliverer %s attempts an event at the moment", r.Instance))
		}
	}
	return nil
}

// checkConsumers fails when a queue has more consumers than deliverers have reported: the others
// know no tombstones.
func (w *work) checkConsumers(ctx context.Context, reports []control.Report, rounds []consume.Round) error {
	seen := map[string]bool{}
	for _, r := range rounds {
		if seen[r.Route] {
			continue
		}
		seen[r.Route] = true
		known := 0
		for i := range reports {
			if slices.Contains(reports[i].Routes, r.Route) {
				known++
			}
		}
		queue, err := w.Consumer.Inspect(ctx, topology.RouteQueue(r.Route))
		switch {
		case errors.Is(err, amqpx.ErrNoQueue):
		case err != nil:
			return err
		case queue.Consumers > known:
			return because(store.UnknownConsumer, fmt.Errorf("the queue of route %s has %d consumers, and %d deliverers know its tombstones", r.Route, queue.Consumers, known))
		}
	}
	return nil
}
