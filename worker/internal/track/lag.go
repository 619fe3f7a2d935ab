package track

import (
	"context"
	"sync"
	"time"

	"github.com/penstock/penstock/pkg/instrument"
)

// lag is how far the store is behind the streams. It is safe for concurrent use.
type lag struct {
	mu      sync.Mutex
	waiting map[string]time.Time     // when the first entry of the batch that is not stored was published
	newest  map[string]time.Time     // and the last
	last    map[string]time.Duration // how old the last entry was when it was stored
}

func newLag() *lag {
	return &lag{waiting: map[string]time.Time{}, newest: map[string]time.Time{}, last: map[string]time.Duration{}}
}

// read notes an entry that is to be stored.
func (l *lag) read(stream string, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, there := l.waiting[stream]; !there {
		l.waiting[stream] = at
	}
	l.newest[stream] = at
}

// stored notes that all that was read is stored.
func (l *lag) stored() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for stream := range l.waiting {
		l.last[stream] = max(time.Since(l.newest[stream]), 0)
	}
	clear(l.waiting)
}

func (l *lag) observe(_ context.Context, observe instrument.Observation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for stream := range l.newest {
		observe(l.of(stream).Seconds(), label(stream))
	}
}

// behind returns how far the store is behind a stream. It is zero before the first entry.
func (l *lag) behind(stream string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.of(stream)
}

func (l *lag) of(stream string) time.Duration {
	if at, there := l.waiting[stream]; there {
		return max(time.Since(at), 0)
	}
	return l.last[stream]
}
