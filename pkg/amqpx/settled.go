package amqpx

import (
	"context"
	"errors"
	"maps"
	"slices"
)

// Settle waits until the broker has every acknowledgement that was given before: what they
// are for does not come again, whatever ends the process after that. Its error says that this
// is not known, as ctx ended or a connection was lost.
func (c *Consumer) Settle(ctx context.Context) error {
	var problems []error
	for _, s := range c.sessions() {
		for _, e := range s.open() {
			problems = append(problems, e.settle(ctx))
		}
	}
	return errors.Join(problems...)
}

// sessions returns the connections that are up.
func (c *Consumer) sessions() (up []*session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range c.links {
		if s, _, err := l.state(); err == nil {
			up = append(up, s)
		}
	}
	return up
}

// note notes that an epoch is open, or is not.
func (s *session) note(e *epoch, open bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.epochs[e] = open; !open {
		delete(s.epochs, e)
	}
}

func (s *session) open() []*epoch {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.epochs))
}

// settle sends the acknowledgements that wait, and asks the broker something on the same
// channel: its answer comes after it has read them.
func (e *epoch) settle(ctx context.Context) error {
	e.acks.flushLater()
	if e.channel.IsClosed() {
		return nil // what it had comes again anyway, and an open channel gets it
	}
	return e.session.call(ctx, "settle", e.alone(func() error { return e.channel.Flow(true) }))
}
