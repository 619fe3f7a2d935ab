package deliver

import (
	"container/list"
	"context"
	"sync"
)

// slots are the places of attempts that may run side by side. Their number may change at any
// time; attempts that run already go on. Who waits longest comes first. It is safe for
// concurrent use.
type slots struct {
	mu      sync.Mutex
	limit   int
	used    int
	waiting list.List // of chan struct{}, which is closed when its place is there
}

func newSlots(limit int) *slots { return &slots{limit: limit} }

// acquire waits for a place, which release gives back. It fails when ctx ends.
func (s *slots) acquire(ctx context.Context) error {
	s.mu.Lock()
	place := make(chan struct{})
	at := s.waiting.PushBack(place)
	s.grant()
	s.mu.Unlock()
	select {
	case <-place:
		return nil
	case <-ctx.Done():
		s.abandon(at, place)
		return ctx.Err()
	}
}

// abandon takes back the wish for a place, or gives the place back.
func (s *slots) abandon(at *list.Element, place chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-place:
		s.used--
		s.grant()
	default:
		s.waiting.Remove(at)
	}
}

// full reports whether an attempt would have to wait.
func (s *slots) full() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.used >= s.limit
}

func (s *slots) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used--
	s.grant()
}

// resize sets how many attempts may run from now on.
func (s *slots) resize(limit int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limit = limit
	s.grant()
}

// grant gives the free places to those that wait. The lock is held.
func (s *slots) grant() {
	for s.used < s.limit && s.waiting.Len() > 0 {
		s.used++
		close(s.waiting.Remove(s.waiting.Front()).(chan struct{})) //nolint:forcetypeassert,errcheck // nothing else is in it
	}
}
