package consume

import "sync"

// A route looks at so many events before it believes that no larger ones come, at first
// and later.
const (
	firstLook = 8
	laterLook = 256
)

// sizes knows how large a route's events are: the broker counts what it delivers, and not
// how large it is. It is safe for concurrent use.
type sizes struct {
	mu      sync.Mutex
	before  int64 // the largest of the events of the last look; 0: there was none
	largest int64 // of this look
	seen    int   // in this look
}

// see notes an event of so many bytes.
func (s *sizes) see(n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.largest = max(s.largest, n)
	s.seen++
	if s.seen >= laterLook || s.before == 0 && s.seen >= firstLook {
		s.before, s.largest, s.seen = s.largest, 0, 0
	}
}

// most returns how large an event may be that comes next, and whether that is known.
func (s *sizes) most() (bytes int64, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return max(s.before, s.largest), s.before > 0
}
