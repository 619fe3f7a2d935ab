package consume

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/lifecycle"
	"github.com/penstock/penstock/pkg/returns"
	"github.com/penstock/penstock/pkg/status"
)

// closeTime is how long Run takes at most to close its connections.
const closeTime = 5 * time.Second

// Run consumes a route with connections of its own until ctx is done, and then
// returns within the drain timeout and a few seconds. It comes back by itself from
// losing the broker, and waits for a route's queue that is not there yet. It fails
// at once when cfg or o is not valid.
func Run(ctx context.Context, cfg amqpx.Config, o Options) (err error) {
	if err := errors.Join(cfg.Validate(), o.Validate()); err != nil {
		return fmt.Errorf("consume route %q: %w", o.Route, err)
	}
	log := o.withDefaults().Log.With(zap.String("route", o.Route))
	publisher := amqpx.NewPublisher(cfg, amqpx.PublisherOptions{}, log) //nolint:contextcheck // it outlives ctx, to settle what has begun
	defer func() { err = errors.Join(err, closing(ctx, publisher.Close)) }()
	if o.Recorder == nil {
		emitter := status.NewEmitter(publisher, status.Options{})
		defer func() { err = errors.Join(err, closing(ctx, emitter.Close)) }()
		o.Recorder = emitter
	}
	consumer := amqpx.NewConsumer(cfg, log)
	defer func() { err = errors.Join(err, closing(ctx, consumer.Close)) }()
	move, err := returns.New(returns.Options{
		Broker: cfg, Publisher: publisher, Consumer: consumer, Recorder: o.Recorder, Doubt: func(error) {},
		Meter: o.withDefaults().Meter, Log: log,
	})
	if err != nil {
		return fmt.Errorf("consume route %q: %w", o.Route, err)
	}
	o.Returns = move
	route, err := New(o, publisher)
	if err != nil {
		return err
	}
	stop := lifecycle.Background(context.WithoutCancel(ctx), move.Run)
	defer func() { err = errors.Join(err, closing(ctx, stop)) }()
	return route.Run(ctx, consumer)
}

func closing(ctx context.Context, closer func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	return closer(ctx)
}
