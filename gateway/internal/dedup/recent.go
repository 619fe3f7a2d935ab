package dedup

// recent holds a bounded number of entries, those that were used last. It is a map into a
// slice whose slots are also a ring in the order of their use: there are ready-made ones,
// but those are of pointers, and a garbage collector that follows a hundred thousand of
// them some times a second costs more than all that is asked of them.
type recent struct {
	most  int
	place map[digest]int32 // of the slots that are taken
	slots []slot           // the first belongs to no entry: the ring begins and ends there
}

type slot struct {
	entry
	of           digest
	taken        bool
	newer, older int32
}

func newRecent(most int) *recent {
	return &recent{most: most, place: map[digest]int32{}, slots: make([]slot, 1)}
}

// get returns an entry, which is the newest from now on; nil when there is none. It stays
// where it is until the next add.
func (r *recent) get(of digest) *entry {
	at, found := r.place[of]
	if !found {
		return nil
	}
	r.unlink(at)
	r.link(at, 0)
	return &r.slots[at].entry
}

// add sets an entry that is not there, and is the newest from now on. The oldest makes room
// for it.
func (r *recent) add(of digest, e entry) {
	at := r.room()
	r.place[of] = at
	r.unlink(at)
	s := &r.slots[at]
	s.entry, s.of, s.taken = e, of, true
	r.link(at, 0)
}

// remove forgets an entry. Its slot is the next that is used.
func (r *recent) remove(of digest) {
	at, found := r.place[of]
	if !found {
		return
	}
	delete(r.place, of)
	r.slots[at].taken = false
	r.unlink(at)
	r.link(at, r.slots[0].newer)
}

// room returns a slot that no entry has.
func (r *recent) room() int32 {
	oldest := r.slots[0].newer
	if len(r.slots) <= r.most && (oldest == 0 || r.slots[oldest].taken) {
		r.slots = append(r.slots, slot{})
		at := int32(len(r.slots) - 1)
		r.link(at, 0)
		return at
	}
	if s := &r.slots[oldest]; s.taken {
		delete(r.place, s.of)
	}
	return oldest
}

// link puts a slot into the ring, as the one that is used before another. Before the
// first slot of all stands the newest, behind it the oldest.
func (r *recent) link(at, before int32) {
	older := r.slots[before].older
	r.slots[at].older, r.slots[at].newer = older, before
	r.slots[older].newer, r.slots[before].older = at, at
}

func (r *recent) unlink(at int32) {
	s := r.slots[at]
	r.slots[s.older].newer, r.slots[s.newer].older = s.newer, s.older
}
