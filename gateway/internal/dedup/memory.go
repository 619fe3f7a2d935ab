package dedup

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"time"
)

// Memory is a store inside of one process. It holds a bounded number of events, shared
// fairly between the sources: the source with the most events forgets the one that it
// used longest ago. It is safe for concurrent use, and its methods never wait. They fail
// only for an id of more than 36 bytes.
type Memory struct {
	began time.Time // times count from here: a clock that is set ends no claim

	mu      sync.Mutex
	entries *recent
}

// digest replaces a key. Half of a SHA-256 is enough against two keys that share one, by
// chance or on purpose: the second event would be lost.
type digest [sha256.Size / 2]byte

func digestOf(k Key) digest {
	var room [128]byte // most keys are shorter: they need no memory of their own
	text := append(append(append(room[:0], k.Source...), 0), k.Event...)
	sum := sha256.Sum256(text)
	return digest(sum[:sha256.Size/2])
}

// NewMemory returns an empty store for that many events, at least one. Each takes
// about 150 bytes.
func NewMemory(events int) (*Memory, error) {
	if events < 1 {
		return nil, fmt.Errorf("make a deduplication store of %d events: at least one", events)
	}
	return &Memory{began: time.Now(), entries: newRecent(events)}, nil
}

// Claim claims the event, and proposes an id for the case that it has none yet.
func (m *Memory) Claim(_ context.Context, key Key, id string, terms Terms) (Claim, error) {
	fresh, err := newEntry(id)
	if err != nil {
		return Claim{ID: id}, err
	}
	of, now := digestOf(key), time.Since(m.began)
	m.mu.Lock()
	defer m.mu.Unlock()
	known := m.known(of, now)
	if known == nil {
		known = m.entries.add(of, key.Source, fresh)
	}
	claim := known.claim(now, terms)
	claim.Done = m.entries.done[of]
	return claim, nil
}

// Settle ends a claim, or notes what is known of one that goes on. An event that was
// accepted under another claim stays accepted, and a newer claim goes on.
func (m *Memory) Settle(_ context.Context, key Key, c Claim, o Outcome, terms Terms) error {
	fresh, err := newEntry(c.ID)
	if err != nil {
		return err
	}
	of, now := digestOf(key), time.Since(m.began)
	m.mu.Lock()
	defer m.mu.Unlock()
	known := m.known(of, now)
	switch {
	case known == nil && o.Accepted:
		m.entries.add(of, key.Source, fresh).accept(fresh, now, terms)
	case known == nil:
	case o.Accepted:
		delete(m.entries.done, of)
		known.accept(fresh, now, terms)
	case known.is(c):
		if m.entries.done[of] = o.Done; len(o.Done) == 0 {
			delete(m.entries.done, of)
		}
		if !o.Unknown {
			known.release()
		}
	}
	return nil
}

// known returns the entry that has not expired, or nil.
func (m *Memory) known(of digest, now time.Duration) *entry {
	known := m.entries.get(of)
	if known != nil && now >= known.expires {
		m.entries.remove(of)
		return nil
	}
	return known
}

// Close does nothing: a memory holds nothing that must be closed.
func (m *Memory) Close(context.Context) error { return nil }
