package amqpx

import (
	"context"
	"errors"
	"fmt"
	"sync"

	amqp "github.com/rabbitmq/amqp091-go"
)

// consumerTag needs to be unique on its channel only, and each has one consumer.
const consumerTag = "penstock"

var errCancelled = errors.New("cancelled by the broker")

// epoch is one channel's life as a consumer. Its deliveries can be settled on that
// channel only, so the channel stays open until their handlers are done.
type epoch struct {
	session    *session
	channel    *amqp.Channel
	closed     <-chan *amqp.Error
	deliveries <-chan amqp.Delivery
	handlers   sync.WaitGroup
}

// subscribe opens a channel on the session and consumes a queue on it. The session is
// shared, so no context cuts an exchange short, which would end it for all; each takes
// at most the session's timeout.
func (s *session) subscribe(queue string, prefetch int, args amqp.Table) (*epoch, error) {
	ctx := context.Background()
	ch, err := s.channel(ctx)
	if err != nil {
		return nil, err
	}
	e := &epoch{session: s, channel: ch, closed: ch.NotifyClose(make(chan *amqp.Error, 1))}
	err = s.call(ctx, "consume", func() (err error) {
		if err = ch.Qos(prefetch, 0, false); err == nil {
			e.deliveries, err = ch.Consume(queue, consumerTag, false, false, false, false, args)
		}
		return err
	})
	if err != nil {
		e.close()
		return nil, err
	}
	return e, nil
}

// lost says why the deliveries ended.
func (e *epoch) lost() error {
	if e.channel.IsClosed() {
		return fmt.Errorf("channel lost: %w", reason(<-e.closed))
	}
	return errCancelled
}

// cancel stops the deliveries, and puts back those that no handler has seen.
func (e *epoch) cancel() {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for d := range e.deliveries {
			_ = newDelivery(&d, e.channel).Release()
		}
	}()
	err := e.session.call(context.Background(), "cancel", func() error { return e.channel.Cancel(consumerTag, false) })
	if err != nil && !e.channel.IsClosed() {
		e.session.abort() // it neither answers nor ends: the broker puts all of it back
	}
	<-done
}

// close closes the channel once the handlers are done. What they left unsettled the
// broker puts back.
func (e *epoch) close() {
	e.handlers.Wait()
	_ = e.session.call(context.Background(), "close channel", e.channel.Close)
}
