package content

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// What can be wrong with a coded body.
var (
	ErrCoding   = errors.New("the body has a content coding that cannot be read: use gzip, deflate, br or zstd")
	ErrBroken   = errors.New("the body is not in the content coding that its header names")
	ErrTooLarge = errors.New("the decoded body is too large")
)

// The largest window of a stream of zstd or brotli, in bytes: 8 MiB (RFC 9659), but less as
// long as nothing is known of the sender, for a few bytes make the decoder allocate it.
const (
	mostWindow     = 8 << 20
	strangerWindow = 1 << 20
)

// Coded reports whether a body with this Content-Encoding is coded.
func Coded(encoding string) bool { return coding(encoding) != "" }

// coding is the one coding that the header names, in lower case, or nothing. Several in a
// row are a coding that is not known.
func coding(encoding string) string {
	name := strings.ToLower(strings.TrimSpace(encoding))
	if name == "identity" {
		return ""
	}
	return name
}

// Decode returns the body without its content coding: the body itself when it has none. It
// fails with ErrCoding, ErrBroken, or ErrTooLarge when more than limit bytes come out.
func Decode(encoding string, body []byte, limit int64) ([]byte, error) {
	if !Coded(encoding) {
		return body, nil
	}
	var size counter
	if err := decode(&size, encoding, body, limit, mostWindow); err != nil {
		return nil, err
	}
	out := bytes.NewBuffer(make([]byte, 0, size))
	err := decode(out, encoding, body, limit, mostWindow)
	return out.Bytes(), err
}

// Head returns the beginning of the body without its content coding, at most limit bytes, and whether that is
// all of it. It fails with ErrCoding or ErrBroken.
func Head(encoding string, body []byte, limit int64) (head []byte, whole bool, err error) {
	var out bytes.Buffer
	err = decode(&out, encoding, body, limit, mostWindow)
	if errors.Is(err, ErrTooLarge) {
		return out.Bytes()[:min(int64(out.Len()), limit)], false, nil
	}
	return out.Bytes(), true, err
}

// DecodedSize returns how many bytes Decode returns, and fails as it does. It holds none of them.
func DecodedSize(encoding string, body []byte, limit int64) (int64, error) {
	if !Coded(encoding) {
		return int64(len(body)), nil
	}
	var size counter
	err := decode(&size, encoding, body, limit, mostWindow)
	return int64(size), err
}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// Copy writes the body without its content coding to w, a piece at a time, and fails as
// Decode does, or as w does. It is for bodies of strangers: it allocates less than 2 MiB, and
// takes no zstd stream with a window above 1 MiB, and no brotli stream that needs one.
func Copy(w io.Writer, encoding string, body []byte, limit int64) error {
	return decode(w, encoding, body, limit, strangerWindow)
}

func decode(w io.Writer, encoding string, body []byte, limit int64, window uint64) error {
	in := bytes.NewReader(body)
	decoded, release, err := open(coding(encoding), in, window)
	if err != nil {
		return err
	}
	defer release()
	n, err := io.Copy(w, io.LimitReader(brokenReader{decoded}, limit+1))
	switch {
	case err != nil:
		return err
	case n > limit:
		return ErrTooLarge
	case in.Len() > 0: // something follows that no decoder shows
		return ErrBroken
	default:
		return nil
	}
}

// brokenReader gives every error of a decoder one name.
type brokenReader struct{ io.Reader }

func (b brokenReader) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, ErrTooLarge) {
		err = ErrBroken
	}
	return n, err
}

// open returns what decodes in, and what gives it back.
func open(name string, in *bytes.Reader, window uint64) (decoded io.Reader, release func(), err error) {
	release = func() {}
	switch name {
	case "":
		return in, release, nil
	case "gzip", "x-gzip":
		decoded, err = gzip.NewReader(in)
	case "deflate":
		decoded, err = inflate(in)
	case "br":
		return openBrotli(in, window)
	case "zstd":
		var d *zstd.Decoder
		d, err = zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(window))
		if err == nil {
			return d, d.Close, nil
		}
	default:
		return nil, nil, ErrCoding
	}
	if err != nil {
		return nil, nil, ErrBroken
	}
	return decoded, release, nil
}

// inflate reads a zlib stream, as RFC 9110 has it, or the bare stream that some send.
func inflate(in *bytes.Reader) (io.Reader, error) {
	var head [2]byte
	if n, _ := in.ReadAt(head[:], 0); n == len(head) && head[0]&0x0f == 8 && (int(head[0])<<8|int(head[1]))%31 == 0 {
		return zlib.NewReader(in)
	}
	return flate.NewReader(in), nil
}
