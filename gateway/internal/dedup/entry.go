package dedup

import (
	"fmt"
	"time"
)

// maxID is the longest id of an event that a memory keeps, in bytes: that of a UUID.
const maxID = 36

// entry is what a memory knows of an event. It holds no pointer, so the garbage collector
// does not follow a hundred thousand of them. Times count from when the memory was made.
type entry struct {
	id       [maxID]byte
	length   uint8         // of id
	held     bool          // by the latest claim, until it is settled or its lease ends
	accepted bool          // under any claim
	claims   uint32        // how many there were
	until    time.Duration // when the lease ends, or else the window
	expires  time.Duration // when the entry is forgotten
}

func newEntry(id string) (entry, error) {
	if len(id) > maxID {
		return entry{}, fmt.Errorf("remember an event: an id of %d bytes, at most %d", len(id), maxID)
	}
	e := entry{length: uint8(len(id))}
	copy(e.id[:], id)
	return e, nil
}

func (e *entry) text() string { return string(e.id[:e.length]) }

// claim answers a claim, and holds the event if that is granted.
func (e *entry) claim(now time.Duration, terms Terms) Claim {
	switch running := now < e.until; {
	case running && e.held:
		return Claim{State: Pending, ID: e.text()}
	case running && e.accepted:
		return Claim{State: Duplicate, ID: e.text()}
	}
	e.claims++
	e.held, e.until, e.expires = true, now+terms.Lease, now+terms.memory()
	return Claim{State: Granted, ID: e.text(), Number: e.claims, Repeated: e.accepted}
}

// accept notes that the event is safe. The id that it was accepted under first stays.
func (e *entry) accept(under entry, now time.Duration, terms Terms) {
	if !e.accepted {
		e.id, e.length = under.id, under.length
	}
	e.held, e.accepted = false, true
	e.until, e.expires = now+terms.Window, now+terms.memory()
}

// is reports whether a claim holds the event, and not a newer one.
func (e *entry) is(c Claim) bool { return e.held && e.claims == c.Number && e.text() == c.ID }

// release lets a repetition in.
func (e *entry) release() { e.held, e.until = false, 0 }
