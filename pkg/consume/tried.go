package consume

import (
	"sync"

	"github.com/penstock/penstock/pkg/event"
)

// mostTried is how many events are remembered.
const mostTried = 10_000

// tried remembers the next attempt of events that were tried, and whose next attempt could
// not be published: they went back to their queue as they came. Else such an event would be
// tried for ever, however few attempts it may have. Another process does not know of them.
type tried struct {
	mu     sync.Mutex
	next   map[copied]int64
	copies *copies
}

func newTried() *tried { return &tried{next: map[copied]int64{}, copies: newCopies()} }

func copiedOf(m *event.Message) copied { return copied{m.ID, m.Text(event.HeaderReplay)} }

// recall lets a message say which attempt it is at.
func (t *tried) recall(m *event.Message) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if next := t.next[copiedOf(m)]; next > m.Int(event.HeaderAttempt) && m.Headers != nil {
		m.Headers[event.HeaderAttempt] = next
	}
}

// note remembers how a message was settled.
func (t *tried) note(m *event.Message, v verdict, err error) {
	t.copies.note(m, v, err)
	t.mu.Lock()
	defer t.mu.Unlock()
	switch of := copiedOf(m); {
	case err == nil:
		delete(t.next, of)
	case v.outcome == Retrying:
		makeRoom(t.next)
		t.next[of] = int64(attemptOf(m)) + 1
	}
}

// makeRoom forgets one event, if too many are remembered.
func makeRoom(attempts map[copied]int64) {
	if len(attempts) < mostTried {
		return
	}
	for of := range attempts {
		delete(attempts, of)
		return
	}
}
