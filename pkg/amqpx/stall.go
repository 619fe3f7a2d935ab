package amqpx

import "time"

// stallAfter is how long a connection may owe answers without giving a single one.
//
// When a queue's leader dies, RabbitMQ 3.10 sometimes leaves a channel on another node
// waiting for it until it is back. A new channel finds the new leader. A queue that has
// lost its majority does no harm: other queues' confirms still come.
const stallAfter = 3 * time.Second

// stall watches one connection for that. The zero value is ready.
type stall struct {
	answered int64     // as of the last look
	since    time.Time // the last look at which all was well
}

// check looks at the connection: whether it owes answers, and how many it gave in all.
// It reports whether the connection has stalled.
func (s *stall) check(now time.Time, owes bool, answered int64) bool {
	if !owes || answered != s.answered || s.since.IsZero() {
		s.answered, s.since = answered, now
		return false
	}
	return now.Sub(s.since) >= stallAfter
}
