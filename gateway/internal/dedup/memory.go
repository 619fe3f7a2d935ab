package dedup

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"time"
)

// maxID is the longest id of an event that a memory keeps, in bytes: that of a UUID.
const maxID = 36

// Memory is a store inside of one process. It holds a bounded number of keys, of
// which the one that was used longest ago makes room for a new one. It is safe for
// concurrent use, and its methods never wait. They fail only for an id of more than 36
// bytes.
type Memory struct {
	began time.Time // what times are counted from: a clock that is set ends no claim

	mu      sync.Mutex
	entries *recent
}

// entry is what is known about a key until it expires. Nothing in it is a pointer, so the
// garbage collector looks at none of a hundred thousand of them.
type entry struct {
	id      [maxID]byte
	length  uint8 // of id
	done    bool
	expires time.Duration // after the memory was made
}

func newEntry(id string, done bool, expires time.Duration) (entry, error) {
	if len(id) > maxID {
		return entry{}, fmt.Errorf("remember an event: an id of %d bytes, at most %d", len(id), maxID)
	}
	e := entry{length: uint8(len(id)), done: done, expires: expires}
	copy(e.id[:], id)
	return e, nil
}

func (e *entry) text() string { return string(e.id[:e.length]) }

// digest stands for a key. Half of a SHA-256 is enough that nobody finds two keys that
// share one, by chance or on purpose: the second event would be lost.
type digest [sha256.Size / 2]byte

func digestOf(key string) digest {
	var room [128]byte // most keys are shorter: they need no memory of their own
	sum := sha256.Sum256(append(room[:0], key...))
	return digest(sum[:sha256.Size/2])
}

// NewMemory returns an empty store for that many keys, at least one. Each takes
// about 130 bytes.
func NewMemory(keys int) (*Memory, error) {
	if keys < 1 {
		return nil, fmt.Errorf("make a deduplication store of %d keys: at least one", keys)
	}
	return &Memory{began: time.Now(), entries: newRecent(keys)}, nil
}

// Claim claims the key for the event id, for at most lease.
func (m *Memory) Claim(_ context.Context, key, id string, lease time.Duration) (Claim, error) {
	of := digestOf(key)
	now := time.Since(m.began)
	fresh, err := newEntry(id, false, now+lease)
	if err != nil {
		return Claim{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	known := m.known(of, now)
	switch {
	case known == nil:
		m.entries.add(of, fresh)
		return Claim{State: Fresh}, nil
	case known.done:
		return Claim{State: Done, ID: known.text()}, nil
	default:
		return Claim{State: Pending}, nil
	}
}

// Settle ends the claim of the event id: a positive window remembers the event for
// that long, and zero forgets the claim. What another event was accepted under, or
// has claimed meanwhile, is not forgotten.
func (m *Memory) Settle(_ context.Context, key, id string, window time.Duration) error {
	of := digestOf(key)
	now := time.Since(m.began)
	settled, err := newEntry(id, true, now+window)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	known := m.known(of, now)
	switch {
	case known == nil && window > 0:
		m.entries.add(of, settled)
	case known == nil, known.done:
	case window > 0:
		*known = settled
	case known.id == settled.id:
		m.entries.remove(of)
	}
	return nil
}

// known returns what has not expired, or nil.
func (m *Memory) known(of digest, now time.Duration) *entry {
	known := m.entries.get(of)
	if known != nil && now >= known.expires {
		m.entries.remove(of)
		return nil
	}
	return known
}

// Close does nothing: there is nothing to let go of.
func (m *Memory) Close(context.Context) error { return nil }
