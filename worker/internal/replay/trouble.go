package replay

import (
	"errors"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/store"
)

// troubleError gives an error its name.
type troubleError struct {
	error
	trouble store.Trouble
}

func (e *troubleError) Unwrap() error { return e.error }

func because(t store.Trouble, err error) error { return &troubleError{err, t} }

// foreign are the errors of others. The first that fits counts.
var foreign = []struct {
	err     error
	trouble store.Trouble
}{
	{amqpx.ErrReturned, store.NoQueue},
	{amqpx.ErrNoQueue, store.NoQueue},
	{amqpx.ErrNacked, store.RefusedByBroker},
	{amqpx.ErrUnavailable, store.BrokerUnavailable},
	{amqpx.ErrChannelLost, store.BrokerUnavailable},
	{amqpx.ErrUnknown, store.NotConfirmed},
	{status.ErrNotConfirmed, store.NotConfirmed},
}

// troubleOf names what is wrong in the words of the API: an error's own text may quote
// what a broker or a driver says, and leads nowhere for who reads it there.
func troubleOf(err error) store.Trouble {
	if own, is := errors.AsType[*troubleError](err); is {
		return own.trouble
	}
	for _, n := range foreign {
		if errors.Is(err, n.err) {
			return n.trouble
		}
	}
	if err == nil {
		return store.NoTrouble
	}
	return store.InternalTrouble
}

// hopeless reports whether no retry mends it: the job fails.
func hopeless(t store.Trouble) bool {
	return t == store.UnknownRoute || t == store.NoArchive || t == store.UnknownPosition
}
