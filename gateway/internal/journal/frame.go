package journal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"time"
)

// The layout of a frame, in bytes; see the package's documentation.
const (
	markerSize = 16
	stateAt    = markerSize
	lengthAt   = stateAt + 4
	timeAt     = lengthAt + 4
	sumAt      = timeAt + 8
	headerSize = sumAt + 4
)

// MaxPayload is the longest payload, in bytes.
const MaxPayload = 64 << 20

// marker begins every frame of one segment.
type marker [markerSize]byte

// The states of a frame.
const (
	toDo uint32 = 0
	done uint32 = 'D' | 'O'<<8 | 'N'<<16 | 'E'<<24
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// frame is one record as it stands in a segment.
type frame struct {
	start, end int64 // offsets in the segment
	done       bool
	at         time.Time
	payload    []byte
}

// appendFrame appends the frame of a payload to b.
func appendFrame(b []byte, m marker, at time.Time, payload []byte) []byte {
	var h [headerSize]byte
	copy(h[:], m[:])
	binary.LittleEndian.PutUint32(h[stateAt:], toDo)
	binary.LittleEndian.PutUint32(h[lengthAt:], uint32(len(payload)))
	binary.LittleEndian.PutUint64(h[timeAt:], uint64(at.UnixMilli()))
	binary.LittleEndian.PutUint32(h[sumAt:], checksum(h[:], payload))
	return append(append(b, h[:]...), payload...)
}

// checksum covers what is never changed: all but the marker and the state.
func checksum(header, payload []byte) uint32 {
	return crc32.Update(crc32.Checksum(payload, castagnoli), castagnoli, header[lengthAt:sumAt])
}

// nextFrame returns the first whole frame that begins at off or later, and whether
// there is one before size. The error is one of reading.
func nextFrame(r io.ReaderAt, m marker, off, size int64) (f frame, found bool, err error) {
	for {
		if f, found, err = readFrame(r, m, off, size); found || err != nil {
			return f, found, err
		}
		if off, found, err = findMarker(r, m, off+1, size); !found || err != nil {
			return frame{}, false, err
		}
	}
}

// readFrame reads the frame that begins at off, if a whole one does.
func readFrame(r io.ReaderAt, m marker, off, size int64) (f frame, whole bool, err error) {
	var h [headerSize]byte
	if size-off < headerSize {
		return f, false, nil
	}
	if err := readAt(r, h[:], off); err != nil {
		return f, false, err
	}
	length := int64(binary.LittleEndian.Uint32(h[lengthAt:]))
	if marker(h[:markerSize]) != m || length > min(size-off-headerSize, MaxPayload) {
		return f, false, nil
	}
	payload := make([]byte, length)
	if err := readAt(r, payload, off+headerSize); err != nil {
		return f, false, err
	}
	if checksum(h[:], payload) != binary.LittleEndian.Uint32(h[sumAt:]) {
		return f, false, nil
	}
	return frame{
		start:   off,
		end:     off + headerSize + length,
		done:    binary.LittleEndian.Uint32(h[stateAt:]) == done,
		at:      time.UnixMilli(int64(binary.LittleEndian.Uint64(h[timeAt:]))),
		payload: payload,
	}, true, nil
}

// findMarker returns the offset of the first marker at off or later.
func findMarker(r io.ReaderAt, m marker, off, size int64) (at int64, found bool, err error) {
	window := make([]byte, 64<<10)
	for size-off >= headerSize {
		part := window[:min(int64(len(window)), size-off)]
		if err := readAt(r, part, off); err != nil {
			return 0, false, err
		}
		if i := bytes.Index(part, m[:]); i >= 0 {
			return off + int64(i), true, nil
		}
		off += int64(len(part)) - markerSize + 1 // one may lie across the end
	}
	return 0, false, nil
}

// readAt fills b, or fails.
func readAt(r io.ReaderAt, b []byte, off int64) error {
	n, err := r.ReadAt(b, off)
	if n == len(b) {
		return nil
	}
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
