package dedup

// recent holds a bounded number of entries, shared fairly between the sources: when it is
// full, the source with the most entries loses the one that it used longest ago. So no
// source loses an entry while it has its equal share or less.
//
// It is a map into a slice whose slots form a ring for each source, in the order of their
// use. Ready-made ones consist of pointers, and a garbage collector that follows a hundred
// thousand of them some times a second costs more than everything that is asked of them.
type recent struct {
	most   int
	place  map[digest]int32 // the slot of each entry
	shares map[string]int32 // by source: an index into rings; a source that is gone keeps its empty ring
	rings  []ring
	slots  []slot
	spare  []int32 // slots without an entry

	done map[digest][]string // the places that have an event which was not accepted; of few
}

// ring is the entries of one source.
type ring struct {
	head int32 // the slot in which the ring begins and ends; it has no entry
	used int32 // how many entries
}

type slot struct {
	entry
	of           digest
	ring         int32 // an index into rings
	newer, older int32
}

func newRecent(most int) *recent {
	return &recent{most: most, place: map[digest]int32{}, shares: map[string]int32{}, done: map[digest][]string{}}
}

// get returns an entry, which is the newest of its source from now on; nil when there is
// none. It stays where it is until the next add.
func (r *recent) get(of digest) *entry {
	at, found := r.place[of]
	if !found {
		return nil
	}
	r.unlink(at)
	r.link(at)
	return &r.slots[at].entry
}

// add adds an entry that is not there yet, and returns it.
func (r *recent) add(of digest, source string, e entry) *entry {
	to := r.share(source)
	if len(r.place) >= r.most {
		r.remove(r.oldest(r.largest(to)))
	}
	at := r.slot()
	r.slots[at].entry, r.slots[at].of, r.slots[at].ring = e, of, to
	r.place[of] = at
	r.rings[to].used++
	r.link(at)
	return &r.slots[at].entry
}

// remove forgets an entry.
func (r *recent) remove(of digest) {
	at, found := r.place[of]
	if !found {
		return
	}
	delete(r.place, of)
	delete(r.done, of)
	r.rings[r.slots[at].ring].used--
	r.unlink(at)
	r.spare = append(r.spare, at)
}

// share returns the ring of a source.
func (r *recent) share(source string) int32 {
	n, known := r.shares[source]
	if !known {
		n = int32(len(r.rings))
		head := r.slot()
		r.slots[head] = slot{ring: n, newer: head, older: head}
		r.rings = append(r.rings, ring{head: head})
		r.shares[source] = n
	}
	return n
}

// largest returns the ring that has to give up an entry for one more in the ring to.
func (r *recent) largest(to int32) int32 {
	most := to
	for n := range r.rings {
		if r.rings[n].used > r.rings[most].used {
			most = int32(n)
		}
	}
	return most
}

// oldest returns the entry of a ring that was used longest ago.
func (r *recent) oldest(n int32) digest { return r.slots[r.slots[r.rings[n].head].newer].of }

// slot returns a slot without an entry.
func (r *recent) slot() int32 {
	if last := len(r.spare) - 1; last >= 0 {
		at := r.spare[last]
		r.spare = r.spare[:last]
		return at
	}
	r.slots = append(r.slots, slot{})
	return int32(len(r.slots) - 1)
}

// link makes a slot the newest of its ring. Before the head is the newest, behind it the
// oldest.
func (r *recent) link(at int32) {
	head := r.rings[r.slots[at].ring].head
	older := r.slots[head].older
	r.slots[at].older, r.slots[at].newer = older, head
	r.slots[older].newer, r.slots[head].older = at, at
}

func (r *recent) unlink(at int32) {
	s := r.slots[at]
	r.slots[s.older].newer, r.slots[s.newer].older = s.newer, s.older
}
