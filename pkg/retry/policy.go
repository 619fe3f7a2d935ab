package retry

import (
	"errors"
	"fmt"
	"time"
)

// Longest is the longest delay there can be: about twelve days.
const Longest = (1<<20 - 1) * time.Second

// MaxWaits is how many waits a schedule can have.
const MaxWaits = 100

// Policy says how long to wait before each try, when to give up, and after which answers.
// The waits are those of Schedule, or they grow from Initial by Factor up to Max.
// The zero Policy is not valid; start from Default.
type Policy struct {
	Initial     time.Duration   // before the second attempt; at least a second
	Factor      float64         // what the delay grows by from attempt to attempt; at least 1
	Jitter      float64         // the share of the delay to spread it by, up and down: 0 to 1
	Max         time.Duration   // no delay is longer, but for one that the destination asks for; Initial to Longest
	Schedule    []time.Duration // instead of Initial, Factor and Max: the wait after each attempt; give up after them
	MaxAttempts int             // give up after so many attempts; 0: never because of their number
	MaxAge      time.Duration   // give up when the next attempt would find the event older; 0: never because of its age
	On          []Statuses      // the HTTP statuses to try again after; empty: those that are not permanent
}

// IsZero reports whether p is the zero Policy.
func (p Policy) IsZero() bool {
	return p.Initial == 0 && p.Factor == 0 && p.Jitter == 0 && p.Max == 0 && len(p.Schedule) == 0 &&
		p.MaxAttempts == 0 && p.MaxAge == 0 && len(p.On) == 0
}

// Retries reports whether the policy tries again after an HTTP status. What a policy
// without On does is otherwise.
func (p Policy) Retries(status int, otherwise bool) bool {
	if len(p.On) == 0 {
		return otherwise
	}
	return retriesStatus(p.On, status, otherwise)
}

// Default returns the policy of a route that sets none: 15 attempts over three
// days, from five seconds apart to six hours.
func Default() Policy {
	return Policy{
		Initial:     5 * time.Second,
		Factor:      2,
		Jitter:      0.2,
		Max:         6 * time.Hour,
		MaxAttempts: 15,
		MaxAge:      72 * time.Hour,
	}
}

// Validate returns every problem of the policy, joined, or nil.
func (p Policy) Validate() error {
	return errors.Join(
		p.validateWaits(),
		check(p.Jitter >= 0 && p.Jitter <= 1, "jitter: %g is not within 0 and 1", p.Jitter),
		check(p.MaxAttempts >= 0, "maxAttempts: %d is negative", p.MaxAttempts),
		check(p.MaxAge >= 0, "maxAge: %s is negative", p.MaxAge),
	)
}

func (p Policy) validateWaits() error {
	if len(p.Schedule) == 0 {
		return errors.Join(
			check(p.Initial >= time.Second, "initial: %s is less than 1s", p.Initial),
			check(p.Factor >= 1 && p.Factor <= 100, "factor: %g is not within 1 and 100", p.Factor),
			check(p.Max >= p.Initial, "max: %s is less than initial, %s", p.Max, p.Initial),
			check(p.Max <= Longest, "max: %s is more than %s", p.Max, Longest),
		)
	}
	errs := []error{
		check(p.Initial == 0 && p.Factor == 0 && p.Max == 0, "schedule: it replaces initial, factor and max; leave them zero"),
		check(len(p.Schedule) <= MaxWaits, "schedule: it has more than %d waits", MaxWaits),
	}
	for i, wait := range p.Schedule {
		errs = append(errs, check(wait >= time.Second && wait <= Longest, "schedule: wait %d, %s, is not within 1s and %s", i+1, wait, Longest))
	}
	return errors.Join(errs...)
}

func check(ok bool, format string, args ...any) error {
	if ok {
		return nil
	}
	return fmt.Errorf(format, args...)
}
