package amqpx

import (
	"net"
	"sync"
	"time"
)

// corkLimit is how many bytes a corked socket gathers before it writes anyway.
const corkLimit = 64 << 10

// socket is a connection on which no write blocks for ever, and on which many small
// writes can be gathered into one.
//
// The client library writes while it holds the locks that closing needs too, and
// without a deadline. A broker that stops reading (an alarm does that) would so
// block both for ever. Here such a write fails in time and closes the connection,
// which ends every call that waits on it.
type socket struct {
	net.Conn
	raw     net.Conn // below TLS
	timeout time.Duration

	mu      sync.Mutex
	corked  bool
	pending []byte
}

func newSocket(conn, raw net.Conn, timeout time.Duration) *socket {
	return &socket{Conn: conn, raw: raw, timeout: timeout}
}

// Close implements io.Closer. It never waits: a TLS farewell could.
func (s *socket) Close() error { return s.raw.Close() }

// Write implements io.Writer. While the socket is corked it fails only when what
// came before could not be written.
func (s *socket) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.corked && len(s.pending)+len(p) <= corkLimit {
		s.pending = append(s.pending, p...)
		return len(p), nil
	}
	if err := s.flush(); err != nil {
		return 0, err
	}
	return s.write(p)
}

// cork makes the socket gather what is written until uncork.
func (s *socket) cork() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.corked = true
}

// uncork writes what was gathered.
func (s *socket) uncork() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.corked = false
	return s.flush()
}

func (s *socket) flush() error {
	if len(s.pending) == 0 {
		return nil
	}
	_, err := s.write(s.pending)
	s.pending = s.pending[:0]
	return err
}

func (s *socket) write(p []byte) (int, error) {
	err := s.SetWriteDeadline(time.Now().Add(s.timeout))
	if err != nil {
		return 0, err
	}
	n, err := s.Conn.Write(p)
	if err != nil {
		_ = s.Close() // half a frame may be out: nothing more can follow
	}
	return n, err
}
