package provision

import (
	"errors"

	"github.com/penstock/penstock/pkg/amqpx"
)

// Doubts are raised by publishes that end as if something of the topology was gone: an
// exchange that an operator deleted, or a queue, or all of it, as on a broker that was made
// again. Its methods are safe for concurrent use.
type Doubts struct{ raised chan struct{} }

// NewDoubts makes doubts that nothing has raised.
func NewDoubts() *Doubts { return &Doubts{raised: make(chan struct{}, 1)} }

// Note notes how a publish ended.
func (d *Doubts) Note(err error) {
	if !errors.Is(err, amqpx.ErrUnknown) && !errors.Is(err, amqpx.ErrReturned) {
		return
	}
	select {
	case d.raised <- struct{}{}:
	default:
	}
}

// Raised gets a value when a doubt was raised since the last one.
func (d *Doubts) Raised() <-chan struct{} { return d.raised }
