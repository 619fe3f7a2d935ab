package wire

import "encoding/binary"

// mostKept is the largest payload that a scanner puts together of several reads, in
// bytes. It is well above what RabbitMQ sends: methods and headers fit one frame.
const mostKept = 256 << 10

// Frame is a method, or the header of a content.
type Frame struct {
	kind    byte
	Channel uint16
	payload []byte
}

// Scanner follows the frames of a connection, however its bytes are cut up. It checks
// nothing: what is no AMQP makes it see nothing of use. The zero value stands at the
// connection's beginning. It belongs to one goroutine.
type Scanner struct {
	head    [headSize]byte
	got     int    // bytes of head
	left    int64  // bytes of payload and end that are still to come
	keep    bool   // the payload is to be seen
	payload []byte // what came of it before
}

// Scan takes the next bytes, and calls see with each method and each header that they
// complete, but for those of the connection itself (channel 0). A frame holds its bytes
// only until see returns. When see is nil, frames are only counted through.
func (s *Scanner) Scan(p []byte, see func(Frame)) {
	for len(p) > 0 {
		if s.got < headSize {
			p = s.begin(p, see != nil)
			continue
		}
		part := p[:min(s.left, int64(len(p)))]
		p = p[len(part):]
		s.left -= int64(len(part))
		switch {
		case s.left > 0:
			s.gather(part)
		case s.keep && see != nil:
			s.finish(part, see)
			s.got = 0
		default:
			s.got = 0
		}
	}
}

// begin takes bytes of a frame's head, and returns the rest.
func (s *Scanner) begin(p []byte, seen bool) []byte {
	n := copy(s.head[s.got:], p)
	s.got += n
	if s.got < headSize {
		return nil
	}
	size := binary.BigEndian.Uint32(s.head[3:])
	s.left = int64(size) + 1
	kind, channel := s.head[0], s.channel()
	s.keep = seen && channel != 0 && size <= mostKept && (kind == kindMethod || kind == kindHeader)
	s.payload = s.payload[:0]
	return p[n:]
}

func (s *Scanner) channel() uint16 { return binary.BigEndian.Uint16(s.head[1:]) }

func (s *Scanner) gather(part []byte) {
	if s.keep {
		s.payload = append(s.payload, part...)
	}
}

// finish shows the frame whose last bytes, its end included, are in part.
func (s *Scanner) finish(part []byte, see func(Frame)) {
	if len(s.payload) > 0 {
		s.payload = append(s.payload, part...)
		part = s.payload
	}
	see(Frame{kind: s.head[0], Channel: s.channel(), payload: part[:len(part)-1]})
}
