package journal

import "io"

// File is what a segment is written to.
type File = file

// HeaderSize is what a record takes besides its payload, in bytes.
const HeaderSize = headerSize

// CreateFile makes the file of a segment, as Open's default does.
func CreateFile(path string) (File, error) { return createFile(path) }

// With changes what Options keep to themselves.
func (o Options) With(segmentBytes int64, create func(path string) (File, error)) Options {
	o.segmentBytes, o.create = segmentBytes, create
	return o
}

// Frames returns the payloads that a reader finds in data, and whether each is done.
func Frames(m [16]byte, r io.ReaderAt, size int64) (payloads [][]byte, states []bool, err error) {
	var off int64
	for {
		f, found, err := nextFrame(r, m, off, size)
		if err != nil || !found {
			return payloads, states, err
		}
		if f.start < off || f.end <= off || f.end > size {
			panic("the reader goes astray")
		}
		payloads, states, off = append(payloads, f.payload), append(states, f.done), f.end
	}
}

// AppendFrame is the frame of a payload.
var AppendFrame = appendFrame
