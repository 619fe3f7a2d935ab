package amqpx

import (
	"context"
	"errors"
	"fmt"

	amqp "github.com/rabbitmq/amqp091-go"
)

// QueueState is what the broker says of a queue.
type QueueState struct {
	Ready     int // messages that no consumer holds
	Consumers int
}

// Inspect asks for the state of a queue. It fails with ErrNoQueue when there is none,
// with ErrUnavailable while there is no connection, and when ctx ends.
func (c *Consumer) Inspect(ctx context.Context, queue string) (QueueState, error) {
	s, err := c.current()
	if err != nil {
		return QueueState{}, err
	}
	answer := make(chan amqp.Queue, 1)
	err = s.call(ctx, "look at queue "+queue, func() error {
		ch, err := s.conn.Channel()
		if err != nil {
			return err
		}
		q, err := ch.QueueDeclarePassive(queue, true, false, false, false, nil)
		if err != nil {
			return missing(err) // which has closed the channel
		}
		answer <- q
		return ch.Close()
	})
	if err != nil {
		return QueueState{}, unavailable(err)
	}
	q := <-answer
	return QueueState{Ready: q.Messages, Consumers: q.Consumers}, nil
}

// unavailable marks the error of a connection that was lost meanwhile.
func unavailable(err error) error {
	if errors.Is(err, amqp.ErrClosed) {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}
