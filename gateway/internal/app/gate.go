package app

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/penstock/penstock/gateway/internal/ingest"
	"github.com/penstock/penstock/pkg/amqpx"
)

var errNoTopology = errors.New("the topology is not declared yet")

// gate keeps events out of the broker until its queues stand: an event that is
// published before its route's queue is bound would never reach the route. It is
// safe for concurrent use.
type gate struct {
	publisher ingest.Publisher
	problem   atomic.Pointer[error] // why it is shut; nil: open
	opened    atomic.Bool           // it was open once
	doubt     chan struct{}         // buffered: the topology may be gone
}

func newGate(p ingest.Publisher) *gate {
	g := &gate{publisher: p, doubt: make(chan struct{}, 1)}
	g.problem.Store(&errNoTopology)
	return g
}

// Publish publishes when the gate is open.
func (g *gate) Publish(ctx context.Context, p amqpx.Publication) error {
	if err := g.topology(); err != nil {
		return fmt.Errorf("%w: %w", amqpx.ErrUnavailable, err)
	}
	err := g.publisher.Publish(ctx, p)
	if errors.Is(err, amqpx.ErrUnknown) || errors.Is(err, amqpx.ErrReturned) {
		// So ends a publish to an exchange that somebody deleted, or whose queues
		// somebody did, as with a broker that was made anew.
		select {
		case g.doubt <- struct{}{}:
		default:
		}
	}
	return err
}

// topology says why the gate is shut.
func (g *gate) topology() error {
	if err := g.problem.Load(); err != nil {
		return *err
	}
	return nil
}

func (g *gate) open() {
	g.problem.Store(nil)
	g.opened.Store(true)
}

func (g *gate) shut(err error) { g.problem.Store(&err) }

// explain keeps a shut gate's newest reason for /readyz.
func (g *gate) explain(err error) {
	if g.topology() != nil {
		g.shut(err)
	}
}
