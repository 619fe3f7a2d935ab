package event

import (
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// CompressAbove is the body size in bytes above which a body travels compressed,
// when that makes it smaller.
const CompressAbove = 64 << 10

// MaxBody is the largest body, in bytes, that Decode inflates.
const MaxBody = 64 << 20

// Zstd is the content encoding of a compressed body.
const Zstd = "zstd"

var newEncoder = sync.OnceValue(func() *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2))
	if err != nil {
		panic("event: " + err.Error()) // only for options that are out of range
	}
	return e
})

var newDecoder = sync.OnceValue(func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(MaxBody), zstd.WithDecoderConcurrency(0))
	if err != nil {
		panic("event: " + err.Error())
	}
	return d
})

func compress(body []byte) (out []byte, encoding string) {
	if len(body) <= CompressAbove {
		return body, ""
	}
	small := newEncoder().EncodeAll(body, make([]byte, 0, len(body)/2))
	if len(small) >= len(body) {
		return body, ""
	}
	return small, Zstd
}

func decompress(body []byte, encoding string) ([]byte, error) {
	switch encoding {
	case "":
		return body, nil
	case Zstd:
		out, err := newDecoder().DecodeAll(body, nil)
		if err != nil {
			return nil, fmt.Errorf("%w: body: %w", ErrMalformed, err)
		}
		return out, nil
	default:
		return nil, fmt.Errorf("%w: content encoding %q", ErrMalformed, encoding)
	}
}

// Weight returns how many bytes a message takes in memory, about: its body, and the body
// of the event that Decode makes of it when that is another one.
func Weight(m *Message) int64 {
	const rest = 8 << 10 // the header of most
	weight := int64(rest + len(m.Body))
	if m.ContentEncoding != Zstd {
		return weight
	}
	if size, known := decompressedSize(m.Body); known {
		return weight + size
	}
	return weight + MaxBody
}

// BodySize returns the size of the body of a message's event in bytes, as it was received. Of
// a compressed body that does not say it, it is the compressed size.
func BodySize(m *Message) int {
	if m.ContentEncoding == Zstd {
		if size, known := decompressedSize(m.Body); known {
			return int(size)
		}
	}
	return len(m.Body)
}

// decompressedSize reads what a compressed body says of its size, MaxBody at most. Encode always
// writes it; a stranger may not.
func decompressedSize(body []byte) (size int64, known bool) {
	var h zstd.Header
	if err := h.Decode(body); err != nil || !h.HasFCS {
		return 0, false
	}
	return int64(min(h.FrameContentSize, MaxBody)), true
}
