package app

import (
	"context"

	"go.uber.org/zap"

	"github.com/penstock/penstock/gateway/internal/refusals"
	"github.com/penstock/penstock/pkg/amqpx"
)

// startRefusals starts what tells the trackers which requests were refused. It has a
// connection of its own: a broker that does not let the gateway tell closes its channel,
// and must not take events along.
func (a *App) startRefusals() *refusals.Refusals {
	publisher := amqpx.NewPublisher(a.settings.broker(), amqpx.PublisherOptions{Connections: 1}, a.log)
	a.started.MustPush("publisher of refusals", publisher.Close)
	r := refusals.New(refusals.Options{Publisher: publisher, Log: a.log})
	a.started.MustPush("refusals", func(ctx context.Context) error {
		if err := r.Close(ctx); err != nil {
			a.log.Warn("the last refused requests were not counted for the trackers", zap.Error(err))
		}
		return nil
	})
	return r
}
