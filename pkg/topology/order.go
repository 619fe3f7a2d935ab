package topology

import (
	"errors"
	"strconv"

	"github.com/penstock/penstock/pkg/amqpx"
)

// The arguments that say whether and how a queue is ordered.
const (
	singleActive  = "x-single-active-consumer"
	deliveryLimit = "x-delivery-limit"
)

// ChangesOrder reports whether a queue that the broker has otherwise than a plan keeps its
// events in another order: the route is ordered and was not, or the other way round, or it
// has another number of partitions.
func ChangesOrder(r *amqpx.RefusedError) bool {
	mismatch := new(amqpx.MismatchError)
	if !errors.As(r, &mismatch) {
		return false
	}
	for _, d := range mismatch.Differences {
		if d.Argument == singleActive || d.Argument == deliveryLimit && (isUnlimited(d.Wanted) || isUnlimited(d.Found)) {
			return true
		}
	}
	return false
}

func isUnlimited(limit string) bool {
	n, err := strconv.Atoi(limit)
	return err == nil && n >= unlimited
}

// orderAdvice is what to do when a route's queue has other arguments.
const orderAdvice = "whether a route is ordered, and into how many partitions, is fixed with its name: " +
	"give the ordered route a new name, and keep the old one, with a type that never comes, until it is empty"

// advice returns what to do when the broker has the route's queue otherwise.
func (r Route) advice() map[string]string {
	advice := map[string]string{singleActive: orderAdvice}
	if r.Partitions > 0 {
		advice[deliveryLimit] = orderAdvice
	}
	return advice
}

// work returns the arguments of the queue that the route's events arrive in.
//
// That of an ordered route has one active consumer, which takes its events on to the
// partitions. In the digits of its limit, which is out of reach, it tells the number of
// partitions: so the broker itself refuses whoever has another one in mind, and
// with it another partition for most keys.
func (r Route) work() map[string]any {
	if r.Partitions > 0 {
		return ordered(unlimited + r.Partitions)
	}
	return quorum(map[string]any{
		"x-dead-letter-exchange":    Dead,
		"x-dead-letter-routing-key": r.Name,
		"x-dead-letter-strategy":    "at-least-once",
		deliveryLimit:               int64(DeliveryLimit),
	})
}

// ordered returns the arguments of a queue whose order counts.
func ordered(limit int) map[string]any {
	return quorum(map[string]any{singleActive: true, deliveryLimit: int64(limit)})
}
