package dedup

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Memory is a store inside of one process. It holds a bounded number of keys, of
// which the one that was used longest ago makes room for a new one. It is safe for
// concurrent use, and its methods never fail and never wait.
type Memory struct {
	mu      sync.Mutex
	entries *simplelru.LRU[string, entry]
}

// entry is what is known about a key until it expires.
type entry struct {
	id      string
	done    bool
	expires time.Time
}

// NewMemory returns an empty store for that many keys, at least one. Each takes
// about 250 bytes.
func NewMemory(keys int) (*Memory, error) {
	entries, err := simplelru.NewLRU[string, entry](keys, nil)
	if err != nil {
		return nil, fmt.Errorf("make a deduplication store of %d keys: %w", keys, err)
	}
	return &Memory{entries: entries}, nil
}

// Claim claims the key for the event id, for at most lease.
func (m *Memory) Claim(_ context.Context, key, id string, lease time.Duration) (Claim, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	known, found := m.known(key)
	switch {
	case !found:
		m.entries.Add(key, entry{id: id, expires: time.Now().Add(lease)})
		return Claim{State: Fresh}, nil
	case known.done:
		return Claim{State: Done, ID: known.id}, nil
	default:
		return Claim{State: Pending}, nil
	}
}

// Settle ends the claim of the event id: a positive window remembers the event for
// that long, and zero forgets the claim. What another event was accepted under, or
// has claimed meanwhile, is not forgotten.
func (m *Memory) Settle(_ context.Context, key, id string, window time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	known, found := m.known(key)
	switch {
	case found && known.done:
	case window > 0:
		m.entries.Add(key, entry{id: id, done: true, expires: time.Now().Add(window)})
	case found && known.id == id:
		m.entries.Remove(key)
	}
	return nil
}

// known returns what has not expired.
func (m *Memory) known(key string) (entry, bool) {
	known, found := m.entries.Get(key)
	if found && !time.Now().Before(known.expires) {
		m.entries.Remove(key)
		return entry{}, false
	}
	return known, found
}

// Close does nothing: there is nothing to let go of.
func (m *Memory) Close(context.Context) error { return nil }
