package amqpx

import (
	"context"
	"errors"
	"fmt"

	amqp "github.com/rabbitmq/amqp091-go"
)

// ErrInUse means that a queue was not removed, because it holds messages or is consumed.
var ErrInUse = errors.New("amqpx: the queue is in use")

// Unbind removes bindings. One that is not there is no error. It tries once, and
// returns when ctx ends at the latest.
func Unbind(ctx context.Context, cfg Config, bindings []Binding) error {
	return once(ctx, cfg, func(s *session, ch *amqp.Channel) error {
		for _, b := range bindings {
			err := s.call(ctx, "unbind "+b.Queue+b.Exchange+" from "+b.Source, func() error {
				if b.Queue != "" {
					return ch.QueueUnbind(b.Queue, b.Key, b.Source, nil)
				}
				return ch.ExchangeUnbind(b.Exchange, b.Key, b.Source, false, nil)
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Remove deletes a queue that is empty and not consumed, and answers ErrInUse when it
// is not. Quorum queues know no conditional delete, so it looks first: what is
// published in between is lost. Unbind the queue before. It tries once.
func Remove(ctx context.Context, cfg Config, queue string) error {
	return once(ctx, cfg, func(s *session, ch *amqp.Channel) error {
		return s.call(ctx, "remove queue "+queue, func() error {
			q, err := ch.QueueDeclarePassive(queue, true, false, false, false, nil)
			if err != nil {
				return err
			}
			if q.Messages > 0 || q.Consumers > 0 {
				return fmt.Errorf("%w: %d messages, %d consumers", ErrInUse, q.Messages, q.Consumers)
			}
			_, err = ch.QueueDelete(queue, false, false, false)
			return err
		})
	})
}

// RemoveExchange deletes an exchange, and with it its bindings. One that is not there is no
// error. It tries once, and returns when ctx ends at the latest.
func RemoveExchange(ctx context.Context, cfg Config, exchange string) error {
	return once(ctx, cfg, func(s *session, ch *amqp.Channel) error {
		return s.call(ctx, "remove exchange "+exchange, func() error { return ch.ExchangeDelete(exchange, false, false) })
	})
}

// once does something on a connection of its own.
func once(ctx context.Context, cfg Config, do func(*session, *amqp.Channel) error) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	s, err := dial(ctx, cfg.withDefaults())
	if err != nil {
		return err
	}
	defer s.close()
	ch, err := s.channel(ctx)
	if err != nil {
		return err
	}
	return do(s, ch)
}
