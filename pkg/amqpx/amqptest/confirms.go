package amqptest

import (
	"encoding/binary"
	"net"
	"time"
)

// DelayConfirms lets confirms alone arrive so much later, over connections that are made
// from now on: as from a broker whose disks are slow. Zero ends that.
func (p *Proxy) DelayConfirms(d time.Duration) { p.confirms.Store(int64(d)) }

// LoseConfirms loses confirms, and nothing else, on connections that are made while it is
// on: as on a channel that waits for a queue's dead leader.
func (p *Proxy) LoseConfirms(on bool) {
	if on {
		p.confirms.Store(-1)
	} else {
		p.confirms.Store(0)
	}
}

// sorted is a client's connection that what the broker writes reaches in whole frames,
// confirms on a way of their own. One goroutine writes.
type sorted struct {
	net.Conn

	confirms net.Conn // nil: they are lost
	rest     []byte   // of a frame that is not complete
}

// sorting takes a connection apart by the proxy's settings.
func (p *Proxy) sorting(conn net.Conn) net.Conn {
	switch d := time.Duration(p.confirms.Load()); {
	case d > 0:
		return &sorted{Conn: conn, confirms: later(conn, d)}
	case d < 0:
		return &sorted{Conn: conn}
	default:
		return conn
	}
}

// Write implements io.Writer.
func (s *sorted) Write(p []byte) (int, error) {
	s.rest = append(s.rest, p...)
	for {
		size := frameSize(s.rest)
		if size == 0 {
			return len(p), nil
		}
		frame := s.rest[:size]
		var err error
		switch {
		case !isConfirm(frame):
			_, err = s.Conn.Write(frame)
		case s.confirms != nil:
			_, err = s.confirms.Write(frame)
		}
		if err != nil {
			return 0, err
		}
		s.rest = s.rest[size:]
	}
}

// Close implements io.Closer.
func (s *sorted) Close() error {
	if s.confirms != nil {
		return s.confirms.Close()
	}
	return s.Conn.Close()
}

// frameSize is the size of the frame that p begins with; zero: it is not complete.
func frameSize(p []byte) int {
	const head, end = 7, 1
	if len(p) < head {
		return 0
	}
	size := head + int(binary.BigEndian.Uint32(p[3:])) + end
	if len(p) < size {
		return 0
	}
	return size
}

// isConfirm knows basic.ack and basic.nack, which a broker sends as confirms only.
func isConfirm(frame []byte) bool {
	const method, basic, ack, nack = 1, 60, 80, 120
	if frame[0] != method || len(frame) < 11 || binary.BigEndian.Uint16(frame[7:]) != basic {
		return false
	}
	kind := binary.BigEndian.Uint16(frame[9:])
	return kind == ack || kind == nack
}
