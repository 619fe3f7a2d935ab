package amqpx

import (
	"context"
	"fmt"

	"github.com/penstock/penstock/pkg/event"
)

// Peek returns up to so many messages from the head of a queue, in its order, and leaves
// them there. It does not see what another consumer holds. It fails as Inspect does.
func (c *Consumer) Peek(ctx context.Context, queue string, most int) ([]*event.Message, error) {
	s, err := c.current()
	if err != nil {
		return nil, err
	}
	seen := make(chan []*event.Message, 1)
	err = s.call(ctx, "look into queue "+queue, func() error {
		found, err := s.peek(queue, most)
		seen <- found
		return err
	})
	if err != nil {
		return nil, unavailable(err)
	}
	return <-seen, nil
}

// peek closes the channel to put everything back, in its old order.
func (s *session) peek(queue string, most int) (found []*event.Message, err error) {
	ch, err := s.conn.Channel()
	if err != nil {
		return nil, err
	}
	for len(found) < most {
		d, ok, err := ch.Get(queue, false)
		if err != nil {
			return nil, missing(err) // which has closed the channel
		}
		if !ok {
			break
		}
		found = append(found, toMessage(&d))
	}
	return found, ch.Close()
}

// current returns the session, or ErrUnavailable.
func (c *Consumer) current() (*session, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, _, err := c.links[0].state()
	if s == nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return s, nil
}
