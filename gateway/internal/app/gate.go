package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/penstock/penstock/gateway/internal/ingest"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/provision"
	"github.com/penstock/penstock/pkg/topology"
)

var errNoTopology = errors.New("the topology is not declared yet")

// gate keeps events out of the broker until its queues stand: an event that is
// published before its route's queue is bound would never reach the route. It is
// safe for concurrent use.
type gate struct {
	publisher ingest.Publisher
	problem   atomic.Pointer[error]            // why it is shut; nil: open
	opened    atomic.Bool                      // it was open once
	closed    atomic.Pointer[map[string]error] // the sources that it is shut for
	standing  atomic.Pointer[provision.Standing]
	doubts    *provision.Doubts
}

func newGate(p ingest.Publisher) *gate {
	g := &gate{publisher: p, doubts: provision.NewDoubts()}
	g.problem.Store(&errNoTopology)
	g.closed.Store(&map[string]error{})
	g.standing.Store(&provision.Standing{})
	return g
}

// Publish publishes when the gate is open.
func (g *gate) Publish(ctx context.Context, p amqpx.Publication) error {
	if err := g.shutFor(p); err != nil {
		return fmt.Errorf("%w: %w", amqpx.ErrUnavailable, err)
	}
	err := g.publisher.Publish(ctx, p)
	g.doubts.Note(err)
	return err
}

func (g *gate) shutFor(p amqpx.Publication) error {
	if err := g.problem.Load(); err != nil {
		return *err
	}
	closed := *g.closed.Load()
	if len(closed) == 0 || p.Exchange != topology.Events {
		return nil
	}
	source, _, _ := strings.Cut(p.Key, ".")
	return closed[source]
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
