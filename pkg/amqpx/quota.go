package amqpx

import "sync/atomic"

// maxUnanswered is how many publishes to one queue may be without an answer on a
// connection. RabbitMQ stops reading the channel at the 33rd (quorum_commands_soft_limit):
// a queue that answers nothing would hold up the publishes to all others.
const maxUnanswered = 24

// spareUnanswered is how many more there may be of groups that follow another publish. They
// cannot use another connection, and their place may be taken by one that could.
const spareUnanswered = 7

// quota is the places of one queue on one connection. A publish takes one until the broker
// answers it, also when its publisher goes away.
//
// A channel registers with a queue at its first publish there, and RabbitMQ reads nothing
// more from it until the queue answers. So only one connection at a time makes its first
// publish to a queue, and makes that one alone, until the channel answers a call that was
// sent after it. That takes moments, also on a broker whose confirms come late.
type quota struct {
	queue  string
	places chan struct{}
	spare  chan struct{} // more places, of groups that follow
	known  atomic.Bool   // the channel has registered with the queue
	roster *roster
}

// first is the first publish to a queue on a connection that has no answer yet.
type first struct {
	by   *quota
	over chan struct{} // closed when it is answered, or its connection lost
}

// quota returns the places of a queue, the same ones each time.
func (f *flight) quota(queue string) *quota {
	if q, ok := f.quotas.Load(queue); ok {
		return q.(*quota) //nolint:forcetypeassert,errcheck // nothing else is stored
	}
	q, _ := f.quotas.LoadOrStore(queue, &quota{
		queue: queue, places: make(chan struct{}, maxUnanswered), spare: make(chan struct{}, spareUnanswered), roster: f.roster,
	})
	return q.(*quota) //nolint:forcetypeassert,errcheck // as above
}

// take takes a place, or reports that there is none. In the latter case one may be free
// when the channel is closed, or a value can be sent to it, which takes the place.
func (q *quota) take() (taken bool, over <-chan struct{}, places chan<- struct{}) {
	if !q.known.Load() {
		if one, other := q.roster.begin(q); other {
			return false, one.over, nil
		}
	}
	select {
	case q.places <- struct{}{}:
		return true, nil, nil
	default:
		return false, nil, q.places
	}
}

// answered gives a place back, as the broker has answered. It does nothing for a publish
// without a quota.
func (q *quota) answered() {
	if q != nil {
		q.learn()
		q.give()
	}
}

// takeSpare takes a place of those for groups that follow, and reports whether there was one.
func (q *quota) takeSpare() bool {
	if !q.known.Load() {
		return false
	}
	select {
	case q.spare <- struct{}{}:
		return true
	default:
		return false
	}
}

// give gives a place back, of either kind.
func (q *quota) give() {
	select {
	case <-q.spare:
	default:
		<-q.places
	}
}

// learn notes that the channel goes on after its first publish to the queue.
func (q *quota) learn() {
	if !q.known.Swap(true) {
		q.roster.endFirst(q)
	}
}

// unsent gives a place back, as nothing was sent.
func (q *quota) unsent() {
	if !q.known.Load() {
		q.roster.endFirst(q)
	}
	q.give()
}

// dropFirsts lets other connections make their first publish to the queues that have not
// answered on this one.
func (f *flight) dropFirsts() {
	f.quotas.Range(func(_, q any) bool {
		f.roster.endFirst(q.(*quota)) //nolint:forcetypeassert,errcheck // nothing else is stored
		return true
	})
}
