package amqpx

import (
	"slices"
	"sync"
	"sync/atomic"
)

// roster is the connections of a publisher that take publishes now. It is safe for
// concurrent use.
type roster struct {
	mu   sync.Mutex
	all  atomic.Pointer[[]*flight]
	next atomic.Uint32

	firsts sync.Map     // of *first, by queue
	latest atomic.Int64 // when the latest publish was sent that was answered, over any connection
	took   atomic.Int64 // how long the broker took for its newest answer
}

func newRoster() *roster {
	r := new(roster)
	r.all.Store(&[]*flight{})
	return r
}

func (r *roster) flights() []*flight { return *r.all.Load() }

func (r *roster) add(f *flight) { r.change(func(all []*flight) []*flight { return append(all, f) }) }

func (r *roster) remove(f *flight) {
	r.change(func(all []*flight) []*flight {
		return slices.DeleteFunc(all, func(other *flight) bool { return other == f })
	})
}

func (r *roster) change(how func([]*flight) []*flight) {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := how(slices.Clone(r.flights()))
	r.all.Store(&all)
}

// pick returns the connections, each time another one first.
func (r *roster) pick() []*flight {
	all := r.flights()
	if len(all) < 2 {
		return all
	}
	at := int(r.next.Add(1)) % len(all)
	return append(all[at:len(all):len(all)], all[:at]...)
}

// begin notes that a connection makes its first publish to a queue, unless one does already,
// which is returned.
func (r *roster) begin(q *quota) (other *first, exists bool) {
	found, exists := r.firsts.LoadOrStore(q.queue, &first{by: q, over: make(chan struct{})})
	return found.(*first), exists //nolint:forcetypeassert,errcheck // nothing else is stored
}

// endFirst ends the first publish of a connection, if it is that one's.
func (r *roster) endFirst(q *quota) {
	found, exists := r.firsts.Load(q.queue)
	if !exists {
		return
	}
	if one := found.(*first); one.by == q && r.firsts.CompareAndDelete(q.queue, one) { //nolint:forcetypeassert,errcheck // as above
		close(one.over)
	}
}

// sawAnswer notes that a publish was answered that was sent at that moment.
func (r *roster) sawAnswer(sent int64) {
	if sent > 0 {
		r.took.Store(sinceStart() - sent)
	}
	for before := r.latest.Load(); sent > before; before = r.latest.Load() {
		if r.latest.CompareAndSwap(before, sent) {
			return
		}
	}
}
