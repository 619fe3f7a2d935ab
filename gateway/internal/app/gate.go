package app

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/penstock/penstock/gateway/internal/ingest"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/fanout"
	"github.com/penstock/penstock/pkg/observe"
	"github.com/penstock/penstock/pkg/provision"
	"github.com/penstock/penstock/pkg/topology"
)

var errNoTopology = errors.New("the topology is not declared yet")

// gate keeps events out of the broker until its queues stand. It is safe for concurrent use.
type gate struct {
	events    ingest.Publisher
	messages  *observe.Publisher
	durations *observe.Durations
	problem   atomic.Pointer[error]            // why it is shut; nil: open
	opened    atomic.Bool                      // it was open once
	closed    atomic.Pointer[map[string]error] // the sources that it is shut for
	standing  atomic.Pointer[provision.Standing]
	doubts    *provision.Doubts
}

func newGate() *gate {
	g := &gate{doubts: provision.NewDoubts()}
	g.problem.Store(&errNoTopology)
	g.closed.Store(&map[string]error{})
	g.standing.Store(&provision.Standing{})
	return g
}

// Publish publishes an event when the gate is open for its source.
func (g *gate) Publish(ctx context.Context, e fanout.Event) error {
	err := g.topology()
	if err == nil {
		err = (*g.closed.Load())[e.Source]
	}
	if err != nil {
		return fmt.Errorf("%w: %w", amqpx.ErrUnavailable, err)
	}
	began := time.Now()
	err = g.events.Publish(ctx, e)
	g.durations.Record(ctx, topology.Routes, began, err)
	g.doubts.Note(err)
	return err
}

// other lets messages through that are no events.
type other struct{ gate *gate }

// Publish publishes when the gate is open.
func (o other) Publish(ctx context.Context, p amqpx.Publication) error {
	if err := o.gate.topology(); err != nil {
		return fmt.Errorf("%w: %w", amqpx.ErrUnavailable, err)
	}
	err := o.gate.messages.Publish(ctx, p)
	o.gate.doubts.Note(err)
	return err
}

// topology says why the gate is shut.
func (g *gate) topology() error {
	if err := g.problem.Load(); err != nil {
		return *err
	}
	return nil
}

// stands returns what the broker refused of the topology when it was looked at last.
func (g *gate) stands() provision.Standing { return *g.standing.Load() }

// refused says what that was.
func (g *gate) refused() error { return g.stands().Err() }

// open lets events in, except those of the closed sources. Some tells whether there are
// others.
func (g *gate) open(s provision.Standing, closed map[string]error, some bool) {
	g.closed.Store(&closed)
	g.standing.Store(&s)
	g.problem.Store(nil)
	if some {
		g.opened.Store(true)
	}
}

func (g *gate) shut(err error) { g.problem.Store(&err) }

// explain keeps a shut gate's newest reason for /readyz.
func (g *gate) explain(err error) {
	if g.topology() != nil {
		g.shut(err)
	}
}
