package amqpx

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// closeTimeout bounds the closing handshake of a connection.
const closeTimeout = 2 * time.Second

// session is one open connection. It is used until it breaks, and never repaired.
type session struct {
	conn    *amqp.Connection
	sock    *socket
	node    string // host:port
	timeout time.Duration
	closed  chan *amqp.Error // gets the reason, if there is one, and is closed
	blocked chan amqp.Blocking
	renewal renewal
	lingers bool // who was given it closes it, in its own time

	mu     sync.Mutex
	epochs map[*epoch]bool // those that are open
}

func newSession(conn *amqp.Connection, sock *socket, node string, timeout time.Duration) *session {
	return &session{
		conn:    conn,
		sock:    sock,
		node:    node,
		timeout: timeout,
		closed:  conn.NotifyClose(make(chan *amqp.Error, 1)),
		blocked: conn.NotifyBlocked(make(chan amqp.Blocking, 8)),
		epochs:  map[*epoch]bool{},
	}
}

// abort ends the connection without a farewell, and with it every call that waits
// for an answer on it.
func (s *session) abort() { s.sock.abort() }

// close ends the connection, politely as long as the broker plays along. A blocked
// broker reads nothing but still sends heartbeats, which push the library's own
// deadline away for ever: hence the abort.
func (s *session) close() {
	stop := time.AfterFunc(closeTimeout, s.abort)
	defer stop.Stop()
	_ = s.conn.CloseDeadline(time.Now().Add(closeTimeout))
	_ = s.sock.Close() // it never fails
	<-s.sock.done
}

// exchange asks the broker something. When it gets no answer in time it ends the
// connection, because that is the only way to end the exchange.
func (s *session) exchange(what string, ask func() error) error {
	stop := time.AfterFunc(s.timeout, s.abort)
	defer stop.Stop()
	if err := ask(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// call is an exchange that returns at once when ctx ends. The exchange then ends by
// itself, so nothing else may use its channel any more.
func (s *session) call(ctx context.Context, what string, ask func() error) error {
	done := make(chan error, 1)
	go func() { done <- s.exchange(what, ask) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", what, ctx.Err())
	}
}

// channel opens a channel.
func (s *session) channel(ctx context.Context) (*amqp.Channel, error) {
	opened := make(chan *amqp.Channel, 1)
	err := s.call(ctx, "open channel", func() error {
		ch, err := s.conn.Channel()
		if err == nil {
			opened <- ch
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return <-opened, nil
}

// reason makes an error of what a closed-notification gave: nil means that it was
// closed without one.
func reason(err *amqp.Error) error {
	if err == nil {
		return errors.New("closed")
	}
	return err
}
