package wire

import "encoding/binary"

// Opened reports whether the frame says that its channel is open.
func (f Frame) Opened() bool {
	m, _, ok := f.method()
	return ok && m == channelOpenOK
}

// Answer is what the broker says about publishes: it has them, or it refuses them.
type Answer struct {
	Tag      uint64 // the number of the publish on its channel, from 1
	Multiple bool   // of all publishes up to Tag
	Refused  bool
}

// Answer returns the broker's answer, if the frame is one.
func (f Frame) Answer() (Answer, bool) {
	m, args, ok := f.method()
	if !ok || m != basicAck && m != basicNack || len(args) < 9 {
		return Answer{}, false
	}
	return Answer{Tag: binary.BigEndian.Uint64(args), Multiple: args[8]&1 != 0, Refused: m == basicNack}, true
}

// Returned returns where a message was to go that no queue took. The header of its
// content follows in another frame.
func (f Frame) Returned() (exchange, key string, ok bool) {
	m, args, ok := f.method()
	if !ok || m != basicReturn || len(args) < 2 {
		return "", "", false
	}
	r := reader{rest: args[2:]} // behind the reply's code
	r.short()                   // the reply's text
	exchange, key = r.short(), r.short()
	return exchange, key, !r.broken
}

// MessageID returns the id in the header of a content, which is empty when the message
// has none.
func (f Frame) MessageID() (id string, ok bool) {
	const before = 12 // class, weight and the body's size
	if f.kind != kindHeader || len(f.payload) < before+2 {
		return "", false
	}
	set := binary.BigEndian.Uint16(f.payload[before:])
	r := reader{rest: f.payload[before+2:]}
	skip := func(flag uint16, skip func()) {
		if set&flag != 0 {
			skip()
		}
	}
	short, octet := func() { r.short() }, func() { r.take(1) }
	skip(hasContentType, short)
	skip(hasContentEncoding, short)
	skip(hasHeaders, r.table)
	skip(hasDeliveryMode, octet)
	skip(hasPriority, octet)
	skip(hasCorrelationID, short)
	skip(hasReplyTo, short)
	skip(hasExpiration, short)
	if set&hasMessageID != 0 {
		id = r.short()
	}
	return id, !r.broken
}

// method returns the frame's method and its arguments.
func (f Frame) method() (m method, args []byte, ok bool) {
	if f.kind != kindMethod || len(f.payload) < 4 {
		return method{}, nil, false
	}
	return method{binary.BigEndian.Uint16(f.payload), binary.BigEndian.Uint16(f.payload[2:])}, f.payload[4:], true
}

// reader reads fields one after the other. Once something is missing, all that follows is
// empty.
type reader struct {
	rest   []byte
	broken bool
}

func (r *reader) take(n int) []byte {
	if n > len(r.rest) {
		r.rest, r.broken = nil, true
		return nil
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *reader) short() string {
	size := r.take(1)
	if size == nil {
		return ""
	}
	return string(r.take(int(size[0])))
}

// table skips a field table.
func (r *reader) table() {
	size := r.take(4)
	if size == nil {
		return
	}
	r.take(int(binary.BigEndian.Uint32(size)))
}
