package content

import (
	"bytes"
	"io"
	"math/bits"
	"runtime"

	"github.com/andybalholm/brotli"
)

// brotlis lends the decoders of brotli, of which there are as many as processors. A few bytes make one take
// some megabytes for its tables: so it is used again, and who finds none waits for one.
var brotlis = newBrotlis(runtime.GOMAXPROCS(0))

func newBrotlis(n int) chan *brotli.Reader {
	lent := make(chan *brotli.Reader, n)
	for range n {
		lent <- nil // it is made when it is wanted
	}
	return lent
}

// openBrotli returns what decodes in (RFC 7932) with a window of at most so many bytes, and what gives it back.
func openBrotli(in *bytes.Reader, window uint64) (decoded io.Reader, release func(), err error) {
	first, err := in.ReadByte()
	if err != nil {
		return nil, nil, ErrBroken
	}
	first, most := narrowWindow(first, window)
	source := io.MultiReader(bytes.NewReader([]byte{first}), in)
	r := <-brotlis
	if r == nil {
		r = brotli.NewReader(source)
	} else {
		_ = r.Reset(source) // it never fails
	}
	release = func() {
		if window > strangerWindow {
			r = nil // it may hold a large window
		} else {
			_ = r.Reset(bytes.NewReader(nil))
		}
		brotlis <- r
	}
	return &atMost{r, most}, release, nil
}

// The stream's first bits say the size of its window, as a power of two. Above 2^17 they are four: a one, and
// three for what is more than 17.
const (
	leastWide = 17
	wideMask  = 0x0f
	unlimited = 1 << 62
)

// narrowWindow returns the first byte of a stream with a window that is not larger than window, and how many
// bytes the stream then may have decoded: as long as its window holds all of them, its size makes no difference.
func narrowWindow(first byte, window uint64) (narrow byte, most int64) {
	wide := int(first & wideMask >> 1)
	allowed := bits.Len64(window) - 1 - leastWide
	if first&1 == 0 || wide <= allowed {
		return first, unlimited
	}
	const gap = 16 // bytes of a window that no distance reaches
	return first&^wideMask | 1 | byte(allowed)<<1, int64(window) - gap
}

// atMost fails with ErrTooLarge when more is read than there may be.
type atMost struct {
	io.Reader

	left int64
}

func (a *atMost) Read(p []byte) (int, error) {
	n, err := a.Reader.Read(p)
	if a.left -= int64(n); a.left < 0 {
		return 0, ErrTooLarge
	}
	return n, err
}
