package consume

import (
	"sync"

	"github.com/penstock/penstock/pkg/memory"
)

// What events may take of a process's memory, and what one route may take of that.
const (
	eventsShare = 0.3
	routeShare  = 8 // an eighth
)

// smallEvent is how large an event may be to find room where larger ones find none any
// more, in bytes: routes with large events do not hold up the others.
const smallEvent = 64 << 10

// Memory bounds the bytes of the events that a process holds. Its routes share one. It is
// safe for concurrent use.
type Memory struct {
	limit   int64
	copying chan struct{} // has room for those that are replaced by a copy at the same time

	trials trials // of which one runs at a time

	mu      sync.Mutex
	used    int64
	changed chan struct{} // closed when something is given back; nil while nobody watches
}

// NewMemory makes a bound of so many bytes.
func NewMemory(limit int64) *Memory { return &Memory{limit: limit, copying: make(chan struct{}, 2)} }

// processMemory is what the routes share that are given none.
var processMemory = sync.OnceValue(func() *Memory { return NewMemory(memory.Share(eventsShare)) })

// Used returns the bytes that are held now.
func (m *Memory) Used() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.used
}

// take takes the room of an event, or reports that there is none. There is room for an
// event of any size where none is held.
func (m *Memory) take(n int64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.fits(n) {
		return false
	}
	m.used += n
	return true
}

// force takes the room of an event whether it is there or not, and reports whether it was.
func (m *Memory) force(n int64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	fits := m.fits(n)
	m.used += n
	return fits
}

func (m *Memory) give(n int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.used -= n
	if m.changed != nil {
		close(m.changed)
		m.changed = nil
	}
}

// room reports whether an event would find room now, and returns a channel that is closed
// when there may be more of it.
func (m *Memory) room(n int64) (fits bool, changed <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.changed == nil {
		m.changed = make(chan struct{})
	}
	return m.fits(n), m.changed
}

func (m *Memory) fits(n int64) bool {
	limit := m.limit
	if n > smallEvent {
		limit -= limit / routeShare
	}
	return m.used == 0 || m.used+n <= limit
}

// window is how many events one route may hold, of which the largest takes so many bytes:
// from 1 to most.
func (m *Memory) window(largest int64, most int) int {
	return int(min(max(m.limit/routeShare/max(largest, 1), 1), int64(most)))
}
