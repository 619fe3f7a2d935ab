package consume

import (
	"context"
	"fmt"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
)

// conclude settles an event of an ordered route for good. It never gives one back by
// itself, because that would change the order: an error ends the session, and with it
// everything that is not acknowledged goes back at once.
func (r *Route) conclude(ctx context.Context, j job, v verdict) error {
	ctx, span := r.settling(ctx, j.message, v)
	defer span.End()
	if err := r.tell(ctx, j.message, v); err != nil {
		return err
	}
	if v.outcome == Dead {
		p := deadLetter(r.options.Route, j.message, v, time.Now())
		unordered(p.Message)
		return r.bury(ctx, j, p)
	}
	return j.Ack()
}

// move publishes p, and then acknowledges the job.
func (r *Route) move(ctx context.Context, j job, p amqpx.Publication) error {
	return moved(j, p, r.publish(ctx, p, isHopelessPublish))
}

// moved acknowledges a job if p was published.
func moved(j job, p amqpx.Publication, err error) error {
	if err != nil {
		return fmt.Errorf("publish to %s%s: %w", p.Exchange, p.Key, err)
	}
	return j.Ack()
}
