package share

import "time"

// Times of the protocol. A deliverer that is heard is alive for aliveFor. It is heard by all
// within joinAfter of being heard by itself.
const (
	announceEvery = 250 * time.Millisecond
	aliveFor      = time.Second
	joinAfter     = 600 * time.Millisecond
	// lastPart is how long the last part is good when the lease is lost, and halving how
	// often it halves after that, down to leastPart of the limit.
	lastPart  = 10 * time.Second
	halving   = 10 * time.Second
	leastPart = 0.05
	// patience is how long a deliverer that has never heard itself waits before it uses all.
	patience = 5 * time.Second
)

// table is what a deliverer knows of itself and the others. It belongs to one goroutine.
type table struct {
	id     string
	began  time.Time
	others map[string]peer
	sent   map[uint64]time.Time // announcements that have not come back
	heard  time.Time            // when the newest announcement was sent that came back; zero: none did
	since  time.Time            // when it was heard again after a silence, or first
	parts  map[string]Part      // the last ones under a lease
}

// peer is another deliverer.
type peer struct {
	at    time.Time // when it was heard last
	inUse map[string]int
}

func newTable(id string, now time.Time) *table {
	return &table{id: id, began: now, others: map[string]peer{}, sent: map[uint64]time.Time{}, parts: map[string]Part{}}
}

// note takes in an announcement.
func (t *table) note(a announcement, now time.Time) {
	switch {
	case a.Deliverer == t.id:
		t.noteOwn(a.Number, now)
	case a.Stops:
		delete(t.others, a.Deliverer)
	default:
		t.others[a.Deliverer] = peer{now, a.InUse}
	}
}

func (t *table) noteOwn(number uint64, now time.Time) {
	at, ok := t.sent[number]
	if !ok {
		return
	}
	if t.silent(now) {
		t.since = now
	}
	if at.After(t.heard) {
		t.heard = at
	}
	for n := range t.sent {
		if n <= number {
			delete(t.sent, n)
		}
	}
}

// silent reports whether the deliverer has not been heard for so long that the others use its
// part.
func (t *table) silent(now time.Time) bool { return now.Sub(t.heard) > aliveFor }

// part returns what the deliverer may use of a destination now.
func (t *table) part(l Limits, now time.Time) Part {
	switch {
	case t.heard.IsZero() && now.Sub(t.began) > patience:
		return Part{Slots: l.Slots, Rate: 1}
	case t.heard.IsZero():
		return Part{}
	case t.silent(now):
		return t.sinking(l, now)
	case now.Sub(t.since) < joinAfter:
		return Part{}
	}
	p := divide(l, t.sharers(l, now))[t.id]
	t.parts[l.Destination] = p
	return p
}

// sharers are the deliverers that share a destination, and how many attempts each makes now.
func (t *table) sharers(l Limits, now time.Time) map[string]int {
	all := map[string]int{t.id: l.InUse}
	for id, p := range t.others {
		inUse, serves := p.inUse[l.Destination]
		switch {
		case now.Sub(p.at) > aliveFor:
			delete(t.others, id)
		case serves:
			all[id] = inUse
		}
	}
	return all
}

// sinking is what is left of the last part without a lease.
func (t *table) sinking(l Limits, now time.Time) Part {
	last := t.parts[l.Destination]
	times := int((now.Sub(t.heard) - lastPart) / halving)
	if now.Sub(t.heard) < lastPart || last.Rate == 0 {
		return last
	}
	least := Part{Slots: max(1, int(float64(l.Slots)*leastPart)), Rate: leastPart}
	sunk := Part{Slots: last.Slots >> min(times+1, 30), Rate: last.Rate / float64(int64(1)<<min(times+1, 30))}
	return Part{Slots: min(last.Slots, max(sunk.Slots, least.Slots)), Rate: min(last.Rate, max(sunk.Rate, least.Rate))}
}
