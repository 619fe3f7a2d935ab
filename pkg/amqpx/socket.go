package amqpx

import (
	"context"
	"errors"
	"net"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/penstock/penstock/pkg/amqpx/internal/wire"
)

const (
	// gatherLimit is how many bytes may wait to be written before a publisher has to
	// wait for room. What does not fit it goes alone.
	gatherLimit = 1 << 20
	// forever is longer than any publish waits for room.
	forever = 24 * time.Hour
	// farewell is how long the last bytes may take once the socket is closed.
	farewell = 100 * time.Millisecond
)

var errSocketClosed = errors.New("the connection is closed")

// socket is a connection whose writes never wait: they are gathered, and written by a
// goroutine of its own.
//
// The client library writes while it holds the locks that closing needs too, and
// without a deadline. A broker that stops reading (an alarm does that) would so
// block both for ever. Here it fills memory instead, up to what reserve allows, until
// the write fails in time and closes the connection, which ends every call that waits
// on it. Besides, one write to the system serves all who came since the last one.
//
// A Write that succeeded may never reach the broker. Whatever must, waits for its
// answer: a publish for its confirm, a call for its reply. An acknowledgement that is
// lost makes the message come again.
type socket struct {
	net.Conn
	raw     net.Conn // below TLS
	timeout time.Duration
	room    *semaphore.Weighted // of gatherLimit
	dirty   chan struct{}       // has a value when there is something to do
	ended   chan struct{}       // closed by Close
	done    chan struct{}       // closed once nothing more can be written
	end     sync.Once

	scanner wire.Scanner // of what is read
	watched atomic.Pointer[func(wire.Frame)]

	mu       sync.Mutex
	pending  []byte // not written yet
	reserved int64  // of room, for what is in pending or before
	err      error  // why nothing can be written any more
}

func newSocket(conn, raw net.Conn, timeout time.Duration) *socket {
	s := &socket{
		Conn: conn, raw: raw, timeout: timeout,
		room:  semaphore.NewWeighted(gatherLimit),
		dirty: make(chan struct{}, 1),
		ended: make(chan struct{}),
		done:  make(chan struct{}),
	}
	go s.work()
	return s
}

// Write implements io.Writer. It never waits.
func (s *socket) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return 0, s.err
	}
	s.pending = append(s.pending, p...)
	s.wake()
	return len(p), nil
}

// reserve waits until there is room for n more bytes, which publish or cancel gives back. It
// gives up when ctx ends, or after the limit.
func (s *socket) reserve(ctx context.Context, n int, limit time.Duration) error {
	room := min(int64(n), gatherLimit)
	if s.room.TryAcquire(room) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return s.room.Acquire(ctx, room)
}

// publish is a Write of one publish, whose size was reserved for it. What was reserved is
// free again once that has left. When it fails, nothing of it leaves, and nothing is free.
func (s *socket) publish(channel uint16, frameSize int, p *wire.Publish, size int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	s.pending = slices.Grow(s.pending, size) // in steps, a large one would cost five times its size
	s.pending = wire.AppendPublish(s.pending, channel, frameSize, p)
	s.reserved += min(int64(size), gatherLimit)
	s.wake()
	return nil
}

// cancel gives back what was reserved for a publish that did not take place.
func (s *socket) cancel(size int) { s.room.Release(min(int64(size), gatherLimit)) }

// watch shows each frame that is read from now on to see, before the client library has
// it. It is called before the first frame that matters.
func (s *socket) watch(see func(wire.Frame)) { s.watched.Store(&see) }

// Read implements io.Reader. Only the client library reads.
func (s *socket) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p)
	var see func(wire.Frame)
	if watched := s.watched.Load(); watched != nil {
		see = *watched
	}
	s.scanner.Scan(p[:n], see)
	return n, err
}

func (s *socket) wake() {
	select {
	case s.dirty <- struct{}{}:
	default:
	}
}

// Close implements io.Closer. It never waits: what is pending gets a moment to leave,
// without a TLS farewell.
func (s *socket) Close() error {
	s.end.Do(func() { close(s.ended) })
	return nil
}

// abort ends the connection at once, and so every call that waits on it.
func (s *socket) abort() {
	_ = s.raw.Close()
	_ = s.Close()
}

// work writes what was gathered, until the socket is closed or a write fails.
func (s *socket) work() {
	defer func() {
		_ = s.raw.Close()
		close(s.done)
	}()
	var spare []byte
	for {
		limit := s.timeout
		select {
		case <-s.dirty:
			// Whoever is about to write something gets to: one write for all of them.
			runtime.Gosched()
		case <-s.ended:
			limit = farewell
		}
		batch, reserved := s.take(spare)
		err := s.write(batch, limit)
		s.room.Release(reserved)
		if err == nil && limit == farewell {
			err = errSocketClosed
		}
		if err != nil {
			s.fail(err)
			return
		}
		spare = recycle(batch)
	}
}

// take returns what is pending, and what was reserved for it.
func (s *socket) take(spare []byte) (batch []byte, reserved int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	batch, reserved = s.pending, s.reserved
	s.pending, s.reserved = spare[:0], 0
	return batch, reserved
}

func (s *socket) write(p []byte, limit time.Duration) error {
	if len(p) == 0 {
		return nil
	}
	if err := s.SetWriteDeadline(time.Now().Add(limit)); err != nil {
		return err
	}
	_, err := s.Conn.Write(p) // half a frame may be out when it fails: nothing more can follow
	return err
}

// fail makes every later Write fail with err, and frees the room.
func (s *socket) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
	s.room.Release(s.reserved)
	s.pending, s.reserved = nil, 0
}

// recycle keeps a buffer for the next batch, unless a large message has blown it up.
func recycle(p []byte) []byte {
	if cap(p) > gatherLimit {
		return nil
	}
	return p
}
