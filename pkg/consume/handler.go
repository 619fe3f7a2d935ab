package consume

import (
	"context"
	"errors"
	"slices"

	"github.com/penstock/penstock/pkg/event"
)

// Handler does what a route is for with one event. It is called from many
// goroutines at once, and may get the same event more than once.
//
// The context ends when the attempt's time is up, or when the process stops and
// the drain time is over. A nil error settles the event as delivered. Any other
// error is judged by package fault: Permanent makes a dead letter, RetryAfter says
// when to try again, Because gives it a reason; without any of them the event is
// tried again after the route's backoff. An error that has a method HTTPStatus()
// int gives the dead letter its status. A panic costs an attempt, and is backed off as an
// error is.
//
// The text of the error is recorded, in at most 500 bytes: the tracker shows it. What it
// quotes of the event is hidden, as far as that can be recognised: what is between marks of
// quotation, numbers, addresses and tokens.
//
// The event must not be changed.
type Handler interface {
	Handle(ctx context.Context, e *event.Event) error
}

// HandlerFunc is a function that is a Handler.
type HandlerFunc func(ctx context.Context, e *event.Event) error

// Handle calls f.
func (f HandlerFunc) Handle(ctx context.Context, e *event.Event) error { return f(ctx, e) }

// Middleware wraps a Handler in another one.
type Middleware func(Handler) Handler

// Chain wraps h in every middleware; the first of them is the outermost.
func Chain(h Handler, middleware ...Middleware) Handler {
	for _, m := range slices.Backward(middleware) {
		h = m(h)
	}
	return h
}

// ErrHandBack gives the event back to its queue untried, when a handler's error
// wraps it: it costs no attempt. It is for a handler that finds that it cannot begin.
var ErrHandBack = errors.New("handed back untried")

// ErrPostpone puts the event off untried, by the route's backoff, when a handler's
// error wraps it: it costs no attempt, and the event does not grow too old by it. It
// is for a handler that had better not begin for longer than a moment.
var ErrPostpone = errors.New("postponed untried")
