package consume

import (
	"context"
	"sync"
	"time"

	"github.com/penstock/penstock/pkg/status"
)

// Answer is what a destination said to an attempt. It goes into the attempt's status
// record, and nowhere else: a body is never logged.
type Answer struct {
	Status int           // the HTTP status; 0: none
	Body   []byte        // how the body begins; status.MaxAnswer bytes of it are kept
	Cut    bool          // whether the body goes on
	Fields status.Fields // header fields that say more of a failure; none may hold a credential
	Took   time.Duration // how long it took; 0: as long as the handler
}

// Answered notes what the destination of the attempt that ctx belongs to said. A
// handler calls it before it returns, if it has something to note; the last call counts.
// Outside of an attempt it does nothing.
func Answered(ctx context.Context, a Answer) {
	if n, ok := ctx.Value(noteKey{}).(*note); ok {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.answer = a
	}
}

// note is where an attempt's answer is kept.
type note struct {
	mu     sync.Mutex
	answer Answer
}

type noteKey struct{}

// WithAnswer begins an attempt as a route does: what is noted in the context that it
// returns, answer returns. Tests of a handler need it.
func WithAnswer(ctx context.Context) (attempt context.Context, answer func() Answer) {
	n := new(note)
	return context.WithValue(ctx, noteKey{}, n), n.read
}

func (n *note) read() Answer {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.answer
}
