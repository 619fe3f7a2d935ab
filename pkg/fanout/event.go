package fanout

import (
	"errors"
	"fmt"
	"strings"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
)

// Event is an event that is to be published.
type Event struct {
	Source, Type string
	Message      *event.Message // only read; after an error perhaps still for a while
	Done         []string       // the queues that have the event already; they get it no second time

	// Late, if not nil, is called when Publish returned amqpx.ErrUnknown and all copies turn
	// out to be safe after that. It is called at most once, in a goroutine of its own.
	Late func(error)
}

// Incomplete means that not every copy of an event is safe.
type Incomplete struct {
	Done []string // the queues that have the event
	Err  error    // why the others do not
}

// Error implements error.
func (i *Incomplete) Error() string {
	if len(i.Done) == 0 {
		return i.Err.Error()
	}
	return fmt.Sprintf("%s (the event is in %s)", i.Err, strings.Join(i.Done, ", "))
}

// Unwrap returns why.
func (i *Incomplete) Unwrap() error { return i.Err }

// DoneOf returns the queues that have the event after Publish returned the error.
func DoneOf(err error) []string {
	if incomplete, ok := errors.AsType[*Incomplete](err); ok {
		return incomplete.Done
	}
	return nil
}

// worse reports whether an error says more about the whole than another one: a refusal
// stays, while an answer that is missing may come.
func worse(err, than error) bool {
	return than == nil || errors.Is(than, amqpx.ErrUnknown) && !errors.Is(err, amqpx.ErrUnknown)
}
