package amqpx

import (
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
	acks       *acks
	closed     <-chan *amqp.Error
	deliveries <-chan amqp.Delivery
	handlers   sync.WaitGroup
	asking     sync.Mutex // the library mixes up the answers to two questions at once
}

// subscribe opens a channel on the session and consumes a queue on it. The session is
// shared: no context cuts an exchange on it short, and each takes at most the
// session's timeout.
func (s *session) subscribe(queue string, prefetch int, args amqp.Table) (*epoch, error) {
	return s.subscribeBy(s.exchange, queue, "", prefetch, args)
}

// hear makes a queue of that name, which no other connection can use and which goes with this
// one, binds it to an exchange, and consumes it.
func (s *session) hear(exchange, queue string, prefetch int) (*epoch, error) {
	return s.subscribeBy(s.exchange, queue, exchange, prefetch, nil)
}

// subscribePatiently is subscribe that waits for as long as the session lasts, and does not
// end it: others use it.
func (s *session) subscribePatiently(queue string, prefetch int, args amqp.Table) (*epoch, error) {
	return s.subscribeBy(func(what string, ask func() error) error {
		if err := ask(); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		return nil
	}, queue, "", prefetch, args)
}

func (s *session) subscribeBy(ask func(string, func() error) error, queue, exchange string, prefetch int, args amqp.Table) (*epoch, error) {
	e := &epoch{session: s}
	err := ask("open channel", func() (err error) {
		e.channel, err = s.conn.Channel()
		return err
	})
	if err != nil {
		return nil, err
	}
	e.acks = newAcks(e.channel, prefetch)
	e.closed = e.channel.NotifyClose(make(chan *amqp.Error, 1))
	err = ask("consume", func() (err error) {
		if err = bindOwn(e.channel, queue, exchange); err != nil {
			return err
		}
		if err = e.channel.Qos(prefetch, 0, false); err == nil {
			e.deliveries, err = e.channel.Consume(queue, consumerTag, false, false, false, false, args)
		}
		return err
	})
	if err != nil {
		e.close()
		return nil, missing(err)
	}
	s.note(e, true)
	return e, nil
}

// mostHeard is how many messages a queue of a connection's own keeps that nothing has read yet.
const mostHeard = 1000

// bindOwn makes a queue of the connection's own and binds it to the exchange, if one is named.
func bindOwn(ch *amqp.Channel, queue, exchange string) error {
	if exchange == "" {
		return nil
	}
	_, err := ch.QueueDeclare(queue, false, true, true, false, amqp.Table{"x-queue-type": "classic", "x-max-length": int64(mostHeard)})
	if err != nil {
		return err
	}
	return ch.QueueBind(queue, "", exchange, false, nil)
}

// missing marks the refusal to consume a queue that is not there.
func missing(err error) error {
	if refused, ok := errors.AsType[*amqp.Error](err); ok && refused.Code == amqp.NotFound && isRefusal(refused) {
		return fmt.Errorf("%w: %w", ErrNoQueue, err)
	}
	return err
}

// lost says why the deliveries ended.
func (e *epoch) lost() error {
	if e.channel.IsClosed() {
		return fmt.Errorf("channel lost: %w", reason(<-e.closed))
	}
	return errCancelled
}

// cancel stops the deliveries, and puts back those that no handler has seen. A stream
// knows no putting back, and the broker ends the whole connection over it.
func (e *epoch) cancel() {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for d := range e.deliveries {
			if unseen := newDelivery(&d, e); unseen.Offset < 0 {
				_ = unseen.Release()
			}
		}
	}()
	err := e.leave()
	if err != nil && !e.channel.IsClosed() {
		e.session.abort() // it neither answers nor ends: the broker puts all of it back
	}
	<-done
}

// close closes the channel once the handlers are done. What they left unsettled the
// broker puts back.
func (e *epoch) close() {
	e.handlers.Wait()
	e.session.note(e, false)
	e.acks.close()
	_ = e.session.exchange("close channel", e.alone(e.channel.Close))
}

// leave ends the deliveries.
func (e *epoch) leave() error {
	return e.session.exchange("cancel", e.alone(func() error { return e.channel.Cancel(consumerTag, false) }))
}

// alone asks the broker something while no other question waits for its answer.
func (e *epoch) alone(ask func() error) func() error {
	return func() error {
		e.asking.Lock()
		defer e.asking.Unlock()
		return ask()
	}
}
