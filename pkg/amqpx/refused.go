package amqpx

import (
	"errors"
	"fmt"
	"regexp"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/penstock/penstock/pkg/fault"
)

// The kinds of things that a topology consists of.
const (
	KindExchange = "exchange"
	KindQueue    = "queue"
	KindBinding  = "binding"
)

// RefusedError says that the broker refuses one thing of a topology, and that no retry
// mends it. fault.IsPermanent is true for it.
type RefusedError struct {
	Kind string // KindExchange, KindQueue or KindBinding
	Name string // of the exchange or queue; of the one that a binding leads to
	From string // of a binding: the exchange that it leads from

	// Usable is true for a queue that is there and does its work, only with other
	// arguments than the wanted ones: it is of the same type, and as durable.
	Usable bool

	Err error // a *MismatchError, a *LimitError, or what the broker says
}

// Error implements error.
func (e *RefusedError) Error() string {
	if mismatch := new(MismatchError); errors.As(e.Err, &mismatch) {
		return e.Err.Error() // it names the object
	}
	return fmt.Sprintf("%s: %v", e.what(), e.Err)
}

func (e *RefusedError) what() string {
	if e.Kind == KindBinding {
		return fmt.Sprintf("binding of %s to %s", e.Name, e.From)
	}
	return e.Kind + " " + e.Name
}

// Unwrap returns Err.
func (e *RefusedError) Unwrap() error { return e.Err }

// Refusals returns every RefusedError in what Declare or Check returned. It is empty when
// err is of another kind: no broker, or one that is too old.
func Refusals(err error) []*RefusedError {
	switch e := err.(type) { //nolint:errorlint // it walks the tree itself
	case nil:
		return nil
	case *RefusedError:
		return []*RefusedError{e}
	case interface{ Unwrap() []error }:
		var all []*RefusedError
		for _, inner := range e.Unwrap() {
			all = append(all, Refusals(inner)...)
		}
		return all
	default:
		return Refusals(errors.Unwrap(err))
	}
}

// LimitError says that an operator's limit leaves no room for a queue.
type LimitError struct {
	Limit string // the broker's words, as in: queue limit in vhost 'hooks' (100)
}

// Error implements error.
func (e *LimitError) Error() string {
	return e.Limit + " is reached; raise it (rabbitmqctl set_vhost_limits -p VHOST '{\"max-queues\": N}') or delete queues that are not needed"
}

// limited matches RabbitMQ's text, as for instance
//
//	PRECONDITION_FAILED - cannot declare queue 'q': queue limit in vhost 'hooks' (100) is reached
var limited = regexp.MustCompile(`cannot declare queue '.*': (.*limit.*) is reached`)

// explainRefusal makes of the broker's refusal of an exchange or a queue what it means.
func explainRefusal(w wanted, refused *amqp.Error) error {
	if parts := limited.FindStringSubmatch(refused.Reason); parts != nil {
		return &LimitError{Limit: parts[1]}
	}
	if err := mismatch(w.kind, w.name, w.args, refused); err != nil {
		return err
	}
	return refused
}

// ErrNoStreams means that the broker knows no streams.
var ErrNoStreams = errors.New("the broker has no streams: set PENSTOCK_STREAMS=off for all processes, or enable them (rabbitmqctl enable_feature_flag stream_queue)")

// unsupported matches RabbitMQ's text, with which it ends the connection:
//
//	INTERNAL_ERROR - Cannot declare a queue 'queue 'q' in vhost '/'' of type 'rabbit_stream_queue' on node 'n': the corresponding feature flag is disabled
var unsupported = regexp.MustCompile(`of type '(?:rabbit_stream_queue|stream)'.*feature flag is disabled`)

// explainKind makes permanent what no retry mends, though the broker ends the connection
// over it: that it does not know a kind of queue.
func explainKind(err error) error {
	if answer, ok := errors.AsType[*amqp.Error](err); ok && unsupported.MatchString(answer.Reason) {
		return fault.Permanent(ErrNoStreams)
	}
	return err
}
