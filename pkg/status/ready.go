package status

import (
	"context"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/topology"
)

// probeEvery is how often an emitter tries whether the stream takes records again.
const probeEvery = time.Second

// Ready returns nil unless the last publish failed: then it returns why, until one has
// succeeded again. While records cannot be confirmed, events had better not be tried.
// It returns at once.
func (e *Emitter) Ready() error {
	if problem := e.problem.Load(); problem != nil {
		return *problem
	}
	return nil
}

// note keeps how a publish ended. Nobody emits while Ready says no, so after a failure
// the emitter tries by itself.
func (e *Emitter) note(err error) {
	if err == nil {
		e.problem.Store(nil)
		return
	}
	if e.problem.Swap(&err) == nil {
		e.running.Go(e.probe)
	}
}

// probe publishes messages without records until one is confirmed.
func (e *Emitter) probe() {
	ticks := time.NewTicker(probeEvery)
	defer ticks.Stop()
	for e.problem.Load() != nil {
		select {
		case <-ticks.C:
		case <-e.closing:
			return
		}
		if e.send(nil) == nil {
			e.problem.Store(nil)
		}
	}
}

// send publishes lines, and returns nil when the broker has confirmed them.
func (e *Emitter) send(lines []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), e.options.Timeout)
	defer cancel()
	return e.publisher.Publish(ctx, amqpx.Publication{Key: topology.Status, Message: message(lines)})
}
