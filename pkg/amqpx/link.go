package amqpx

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// perLink is how many subscriptions share a connection. RabbitMQ allows 2,047 channels on one,
// and a subscription has two while it is opened again.
const perLink = 900

// link is one supervised connection of a Consumer.
type link struct {
	losses *losses // of all links

	runners int // subscriptions; guarded by the consumer

	mu      sync.Mutex
	session *session // nil while there is no connection
	err     error    // why not
	made    int64    // connections so far
	changed chan struct{}
}

// connect adds a connection.
func (c *Consumer) connect() *link {
	l := &link{losses: &c.losses, err: errConnecting, changed: make(chan struct{})}
	c.links = append(c.links, l)
	c.running.Go(func() {
		supervise(c.ctx, c.cfg, c.log, func(err error) { l.set(nil, err) }, l.run)
	})
	return l
}

// roomy returns a connection that has room for one more subscription.
func (c *Consumer) roomy() *link {
	for _, l := range c.links {
		if l.runners < perLink {
			return l
		}
	}
	return c.connect()
}

// run offers the session to the subscribers until it ends.
func (l *link) run(ctx context.Context, s *session) error {
	l.set(s, nil)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-s.closed:
			l.losses.note(time.Now())
			return fmt.Errorf("connection lost: %w", reason(err))
		case _, ok := <-s.blocked: // only publishers are ever blocked
			if !ok {
				s.blocked = nil
			}
		}
	}
}

func (l *link) set(s *session, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.session, l.err = s, err
	if s != nil {
		l.made++
	}
	close(l.changed)
	l.changed = make(chan struct{})
}

// state returns the session, or why there is none, and a channel that is closed when that
// changes.
func (l *link) state() (s *session, changed <-chan struct{}, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.session, l.changed, l.err
}

// await returns the session as soon as there is one.
func (l *link) await(ctx context.Context) (*session, error) {
	for {
		s, changed, _ := l.state()
		if s != nil {
			return s, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
