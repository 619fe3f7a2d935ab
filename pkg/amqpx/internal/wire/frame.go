package wire

import "encoding/binary"

// Kinds of frames, and the octet that ends each (section 4.2.3).
const (
	kindMethod = 1
	kindHeader = 2
	kindBody   = 3
	frameEnd   = 0xCE
)

const (
	headSize = 7            // of a frame: kind, channel and size of the payload
	overhead = headSize + 1 // with the end
)

// method is a method's class and its id in that.
type method struct{ class, id uint16 }

var (
	channelOpenOK = method{20, 11}
	confirmSelect = method{85, 10}
	basicPublish  = method{basicClass, 40}
	basicReturn   = method{basicClass, 50}
	basicAck      = method{basicClass, 80}
	basicNack     = method{basicClass, 120}
)

const basicClass = 60

// open begins a frame, of which shut sets the size.
func open(b []byte, kind byte, channel uint16) []byte {
	b = append(b, kind)
	b = binary.BigEndian.AppendUint16(b, channel)
	return append(b, 0, 0, 0, 0)
}

// shut ends the frame that begins at start.
func shut(b []byte, start int) []byte {
	binary.BigEndian.PutUint32(b[start+3:], uint32(len(b)-start-headSize))
	return append(b, frameEnd)
}

func appendMethod(b []byte, m method) []byte {
	b = binary.BigEndian.AppendUint16(b, m.class)
	return binary.BigEndian.AppendUint16(b, m.id)
}

// appendShort appends a short string, of at most 255 bytes.
func appendShort(b []byte, s string) []byte {
	b = append(b, byte(len(s)))
	return append(b, s...)
}

// appendLong appends a long string.
func appendLong(b []byte, s string) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
	return append(b, s...)
}

func flag(set bool) byte {
	if set {
		return 1
	}
	return 0
}
