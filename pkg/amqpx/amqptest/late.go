package amqptest

import (
	"net"
	"sync"
	"time"
)

// late is a connection whose writes leave some time after they were made, in their order.
type late struct {
	net.Conn

	delay time.Duration
	queue chan letter
	ended chan struct{}
	once  sync.Once
}

type letter struct {
	text []byte
	due  time.Time
}

// waiting is how many writes may be on their way at a time.
const waiting = 1 << 16

func later(conn net.Conn, delay time.Duration) net.Conn {
	l := &late{Conn: conn, delay: delay, queue: make(chan letter, waiting), ended: make(chan struct{})}
	go l.work()
	return l
}

func (l *late) work() {
	for {
		select {
		case next := <-l.queue:
			select {
			case <-time.After(time.Until(next.due)):
			case <-l.ended:
				return
			}
			if _, err := l.Conn.Write(next.text); err != nil {
				return
			}
		case <-l.ended:
			return
		}
	}
}

// Write implements io.Writer. It waits only when a great many writes are on their way.
func (l *late) Write(p []byte) (int, error) {
	select {
	case l.queue <- letter{append([]byte(nil), p...), time.Now().Add(l.delay)}:
		return len(p), nil
	case <-l.ended:
		return 0, net.ErrClosed
	}
}

// Close implements io.Closer. What is on its way is lost.
func (l *late) Close() error {
	l.once.Do(func() { close(l.ended) })
	return l.Conn.Close()
}
