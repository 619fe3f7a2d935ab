//go:build prove

package e2e

import "time"

// afterReturn is how long the levels may stand still when penstock.return has refused: the
// broker tries again what it could not dead-letter after three minutes.
const afterReturn = 4 * time.Minute

// limitFaults are limits that an operator sets to queues which events wait in, while the
// destination fails each first attempt.
var limitFaults = []fault{
	{name: "a limit on the route's deferred queue", sender: "Nothing.", heals: healedWithin, strike: limitWhileFailing(`^penstock\.deferred\.`)},
	{name: "a limit on the queue of dead letters", sender: "Nothing.", heals: healedWithin, strike: limitWhileFailing(`^penstock\.dead\.`)},
	{name: "a limit on one delay level", sender: "Nothing. Retries take shorter levels.", heals: healedWithin, strike: limitWhileFailing(`^penstock\.level\.00004$`)},
	{name: "a limit on all delay levels", sender: "Nothing. Deliverers hold what they cannot delay.", heals: healedWithin, strike: limitWhileFailing(`^penstock\.level\.`)},
	{name: "a limit on penstock.return", sender: "Nothing. Retries stand still, and an alert says so.", heals: afterReturn, strike: limitWhileFailing(`^penstock\.return$`)},
}

// limitWhileFailing limits queues to one message for 15 s, in which the destination fails
// each first attempt.
func limitWhileFailing(pattern string) func(*site, *traffic) time.Time {
	return func(s *site, _ *traffic) time.Time {
		s.receiver.refuse(true)
		s.cluster.ctl("set_policy", "-p", s.vhost.Name, "--apply-to", "queues", "limit", pattern, `{"max-length":1}`)
		rest(15 * time.Second)
		s.receiver.refuse(false)
		s.cluster.ctl("clear_policy", "-p", s.vhost.Name, "limit")
		return time.Now()
	}
}
