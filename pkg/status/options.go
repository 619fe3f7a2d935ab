package status

import (
	"errors"
	"time"
)

// The defaults of Options.
const (
	DefaultBatch   = 256
	DefaultLinger  = 2 * time.Millisecond
	DefaultFlights = 8
	DefaultTimeout = 10 * time.Second
)

// Options tune an Emitter. The zero value is good for a deliverer.
type Options struct {
	// Batch is how many records one message holds at most; 0 means DefaultBatch, and
	// more than MaxRecords means MaxRecords.
	Batch int

	// Linger is how long the first record of a batch waits for others at most, while
	// other batches are unconfirmed; 0 means DefaultLinger, and less means not at all.
	Linger time.Duration

	// Flights is how many batches are unconfirmed at a time; 0 means DefaultFlights.
	// Batch times Flights bounds the records that are held; past it, Emit waits.
	Flights int

	// Timeout bounds one publish; 0 means DefaultTimeout.
	Timeout time.Duration
}

func (o Options) withDefaults() Options {
	o.Batch = min(orDefault(o.Batch, DefaultBatch), MaxRecords)
	o.Flights = orDefault(o.Flights, DefaultFlights)
	o.Linger = orDefault(o.Linger, DefaultLinger)
	o.Timeout = orDefault(o.Timeout, DefaultTimeout)
	return o
}

func orDefault[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// What Emit can answer besides nil and ErrInvalid. They are told apart with errors.Is.
var (
	// ErrClosed means that the emitter was closed: nothing was published.
	ErrClosed = errors.New("status: the emitter is closed")
	// ErrNotConfirmed means that the broker did not confirm the records. They may be in
	// the stream or not. It wraps the publisher's error.
	ErrNotConfirmed = errors.New("status: not confirmed")
)
