package amqpx

import "time"

// How long a connection may owe answers without giving a single one, before another one
// is tried for what comes next.
//
// When a queue's leader dies, RabbitMQ 3.10 sometimes leaves a channel on another node
// waiting for it until it is back. A new channel finds the new leader. A queue that has
// lost its majority does no harm: other queues' confirms still come.
const (
	stallAfter  = 3 * time.Second
	stallAtMost = 30 * time.Second

	// slowFor is how long a broker that was slow once is taken for a slow one.
	slowFor = time.Minute
)

// stall watches the connections of a line for that, one after the other. From outside a
// broker that is slow looks like a channel that is stuck, until the next connection gets
// no answer either. So a stall costs no publish its answer, and leaving for it doubles the
// patience with the next one. The zero value is ready.
type stall struct {
	patience time.Duration // zero: stallAfter
	slow     time.Time     // when the silence was last longer than stallAfter
	answered int64         // as of the last look
	since    time.Time     // the last look at which nothing was owed, or answers had come
}

// begin starts over with a new connection.
func (s *stall) begin(now time.Time) { s.answered, s.since = 0, now }

// check looks at the connection: whether it owes answers, and how many it gave in all.
// It reports whether the connection has stalled.
func (s *stall) check(now time.Time, owes bool, answered int64) bool {
	s.patience = max(s.patience, stallAfter)
	silence := now.Sub(s.since)
	if owes && silence >= stallAfter {
		s.slow = now
	}
	if !owes || answered != s.answered {
		if now.Sub(s.slow) > slowFor {
			s.patience = stallAfter
		}
		s.answered, s.since = answered, now
		return false
	}
	return silence >= s.patience
}

// leave notes that the connection is left because it has stalled.
func (s *stall) leave() { s.patience = min(2*s.patience, stallAtMost) }
