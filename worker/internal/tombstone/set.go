package tombstone

import (
	"sync"
	"time"

	"github.com/penstock/penstock/pkg/consume"
)

// withheldFor is how long events are withheld without a further word. The active tracker repeats
// what people want every minute; when none runs, what is not decided goes on.
const withheldFor = 5 * time.Minute

// Set is the tombstones that a deliverer knows, and the attempts that are under way in it. The
// zero value knows none. It is safe for concurrent use.
type Set struct {
	mu      sync.Mutex
	fates   map[Mark]consume.Fate
	until   time.Time             // events are withheld
	running map[consume.Round]int // attempts under way
}

// Replace lets the rounds with these marks be withheld or dropped, and no other ones, as a command
// said at a time. It says nothing of attempts that are under way.
func (s *Set) Replace(withheld, dropped []Mark, at time.Time) {
	fates := make(map[Mark]consume.Fate, len(withheld)+len(dropped))
	for _, m := range withheld {
		fates[m] = consume.Withhold
	}
	for _, m := range dropped {
		fates[m] = consume.Drop
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fates, s.until = fates, at.Add(withheldFor)
}

// Begin implements consume.Tombstones.
func (s *Set) Begin(r consume.Round) (fate consume.Fate, end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if fate := s.fateOf(r); fate != consume.Attempt {
		return fate, func() {}
	}
	if s.running == nil {
		s.running = map[consume.Round]int{}
	}
	s.running[r]++
	return consume.Attempt, func() { s.end(r) }
}

// IsDropped implements consume.Tombstones.
func (s *Set) IsDropped(r consume.Round) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fateOf(r) == consume.Drop
}

// Attempted returns the marks whose rounds are being attempted, in any order: their attempts
// began before the tombstone was known.
func (s *Set) Attempted() []Mark {
	s.mu.Lock()
	defer s.mu.Unlock()
	var marks []Mark
	for r := range s.running {
		if len(s.fates) == 0 {
			break
		}
		if m := MarkOf(r); s.fates[m] != consume.Attempt {
			marks = append(marks, m)
		}
	}
	return marks
}

// fateOf costs nothing while there is no tombstone.
func (s *Set) fateOf(r consume.Round) consume.Fate {
	if len(s.fates) == 0 {
		return consume.Attempt
	}
	fate := s.fates[MarkOf(r)]
	if fate == consume.Withhold && time.Now().After(s.until) {
		return consume.Attempt
	}
	return fate
}

func (s *Set) end(r consume.Round) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running[r]--; s.running[r] == 0 {
		delete(s.running, r)
	}
}
