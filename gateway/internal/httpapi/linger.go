package httpapi

import (
	"io"
	"net/http"
	"sync"
	"time"
)

// A refused request is read on until its end, so that its sender reads the answer: most
// clients send their whole body first, and a connection that closes
// meanwhile looks broken to them. These are the bounds.
const (
	maxLingering  = 64 << 20         // bytes of one request
	lingerFor     = 30 * time.Second // for one request
	lingerIdle    = 5 * time.Second  // without a byte
	maxLingerers  = 64               // requests at the same time; past it, connections just close
	lingerBufSize = 32 << 10
)

// finished is how much of a body net/http reads by itself after a request.
const finished = 256 << 10

// unread is a body that knows whether it was read.
type unread struct {
	io.ReadCloser

	left  int64 // how many bytes may still come; negative: not known
	begun bool  // some of it was wanted
	ended bool  // nothing more of it will come
}

func (u *unread) Read(p []byte) (int, error) {
	u.begun = true
	n, err := u.ReadCloser.Read(p)
	u.ended = u.ended || err != nil
	if u.left > 0 {
		u.left -= int64(n)
	}
	return n, err
}

// lingering reads what is left of a request's body after its answer. Over HTTP/2 a stream
// would be reset without an error (RFC 9113, section 8.1), and some clients, such as curl 7.88,
// then drop what they have not read of the answer.
func (f *face) lingering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body == nil || r.Body == http.NoBody {
			next.ServeHTTP(w, r)
			return
		}
		body := &unread{ReadCloser: r.Body, left: r.ContentLength}
		own := r.WithContext(r.Context()) // net/http looks at the body of its own
		own.Body = body
		next.ServeHTTP(w, own)
		if !body.ended && !body.short() && !body.withheld(r) {
			f.linger(w, body)
		}
	})
}

// short reports whether net/http reads what is left.
func (u *unread) short() bool { return u.left >= 0 && u.left < finished }

// withheld reports whether the sender waits for a word before it sends the body. The
// answer is that word.
func (u *unread) withheld(r *http.Request) bool {
	return !u.begun && r.Header.Get("Expect") != ""
}

// linger sends the answer, and reads the body to its end or to the bounds.
func (f *face) linger(w http.ResponseWriter, body *unread) {
	connection := http.NewResponseController(w)
	if connection.Flush() != nil {
		return // the sender has gone
	}
	select {
	case f.lingerers <- struct{}{}:
		defer func() { <-f.lingerers }()
	default:
		return
	}
	f.discard(connection, body)
}

func (f *face) discard(connection *http.ResponseController, body *unread) {
	buffer := lingerBuffers.Get().(*[]byte) //nolint:forcetypeassert,errcheck // nothing else is in it
	defer lingerBuffers.Put(buffer)
	end := time.Now().Add(lingerFor)
	for total := 0; total < maxLingering && !body.ended && !f.draining.Load(); {
		deadline := time.Now().Add(lingerIdle)
		if deadline.After(end) {
			deadline = end // a read after it fails at once
		}
		if connection.SetReadDeadline(deadline) != nil {
			return
		}
		n, _ := body.Read(*buffer) // the error ends the body
		total += n
	}
}

var lingerBuffers = sync.Pool{New: func() any { b := make([]byte, lingerBufSize); return &b }}
