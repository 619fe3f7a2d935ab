package keys

import (
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

const (
	// maxStrangers bounds the names that nothing was verified with.
	maxStrangers = 128
	// maxKept bounds the others. A provider has a handful.
	maxKept = 1024
)

// entry is what is known of a name. The zero value is nothing.
type entry[V any] struct {
	value   V
	err     error     // of the last load
	loaded  bool      // it was loaded, with or without success
	fetched time.Time // when value was; zero: never
	tried   time.Time // when the last load ended
}

// good reports whether there is a value.
func (e entry[V]) good() bool { return !e.fetched.IsZero() }

// shelf holds entries: those that something was verified with apart from those that
// only a request has named. Each part forgets what was used longest ago. The zero
// value is empty and ready. It is not safe for concurrent use.
type shelf[V any] struct {
	kept, strangers *simplelru.LRU[string, entry[V]]
}

func (s *shelf[V]) get(name string) entry[V] {
	if s.kept == nil {
		return entry[V]{}
	}
	if e, there := s.kept.Get(name); there {
		return e
	}
	e, _ := s.strangers.Get(name)
	return e
}

// put replaces the entry of a name. It stays in its part while it has a value.
func (s *shelf[V]) put(name string, e entry[V]) {
	s.open()
	if s.kept.Contains(name) {
		if e.good() {
			s.kept.Add(name, e)
			return
		}
		s.kept.Remove(name)
	}
	s.strangers.Add(name, e)
}

// keep moves a name with a value to the part of those that something was verified with.
func (s *shelf[V]) keep(name string) {
	if s.strangers == nil {
		return
	}
	if e, there := s.strangers.Peek(name); there && e.good() {
		s.strangers.Remove(name)
		s.kept.Add(name, e)
	}
}

func (s *shelf[V]) open() {
	if s.kept == nil {
		s.kept, _ = simplelru.NewLRU[string, entry[V]](maxKept, nil) // it fails for a size below one
		s.strangers, _ = simplelru.NewLRU[string, entry[V]](maxStrangers, nil)
	}
}
