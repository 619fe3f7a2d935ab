package config

import (
	"slices"
	"time"

	"github.com/penstock/penstock/pkg/config/internal/strict"
	"github.com/penstock/penstock/pkg/retry"
)

const (
	minRetryWait = Duration(time.Second) // delays are whole seconds
	maxRetryWait = 12 * Duration(day)    // the delay exchanges reach a little further
	maxFactor    = 100
)

// retry checks when and how often a failed attempt is repeated.
func (c *checker) retry(path string, r *Retry) {
	check := func(key string, ok bool, format string, args ...any) {
		if !ok && !c.broken(path, key) {
			c.failf(strict.Key(path, key), format, args...)
		}
	}
	check("jitter", r.Jitter >= 0 && r.Jitter <= 1, "the jitter is 0 to 1")
	if c.Has(strict.Key(path, "schedule")) {
		c.schedule(path, r)
		check("maxAge", r.MaxAge > 0 || !c.Has(strict.Key(path, "maxAge")), "the age is above zero")
		return
	}
	check("initial", r.Initial >= minRetryWait, "the wait is at least %s", minRetryWait)
	check("factor", r.Factor >= 1 && r.Factor <= maxFactor, "the factor is 1 to %d", maxFactor)
	check("max", r.Max <= maxRetryWait, "the wait is at most %s", maxRetryWait)
	check("maxAttempts", r.MaxAttempts >= 1, "there is at least 1 attempt")
	check("maxAge", r.MaxAge > 0, "the age is above zero")
	c.ordered(path, "initial", "max", r.Initial, r.Max)
	c.ordered(path, "initial", "maxAge", r.Initial, r.MaxAge)
}

// ordered checks that the duration at key low is at most the one at key high. The
// one that the file states gets the blame.
func (c *checker) ordered(path, low, high string, a, b Duration) {
	if a <= b || c.broken(path, low, high) {
		return
	}
	blame := slices.IndexFunc([]string{high, low}, func(key string) bool { return c.Has(strict.Key(path, key)) })
	key := []string{high, low}[max(blame, 0)]
	c.failf(strict.Key(path, key), "%s (%s) is longer than %s (%s)", low, a, high, b)
}

// schedule checks waits that are named one by one, and clears the defaults of what they replace.
func (c *checker) schedule(path string, r *Retry) {
	at := strict.Key(path, "schedule")
	c.filled(path, "schedule", len(r.Schedule), "leave it out to wait as initial, factor and max say")
	for _, key := range []string{"initial", "factor", "max", "maxAttempts"} {
		if c.Has(strict.Key(path, key)) {
			c.failf(strict.Key(path, key), "the waits are those of schedule, and there is one attempt more than waits; leave %s or schedule out", key)
		}
	}
	if len(r.Schedule) > retry.MaxWaits {
		c.failf(at, "a schedule has at most %d waits", retry.MaxWaits)
	}
	var sum Duration
	for i, wait := range r.Schedule {
		if (wait < minRetryWait || wait > maxRetryWait) && !c.brokenAt(strict.Index(at, i)) {
			c.failf(strict.Index(at, i), "a wait is %s to %s", minRetryWait, maxRetryWait)
		}
		sum += min(wait, maxRetryWait)
	}
	r.Initial, r.Factor, r.Max, r.MaxAttempts = 0, 0, 0, 0
	if !c.Has(strict.Key(path, "jitter")) {
		r.Jitter = 0
	}
	if !c.Has(strict.Key(path, "maxAge")) {
		r.MaxAge = 0
	} else if sum > r.MaxAge && r.MaxAge > 0 && !c.broken(path, "schedule", "maxAge") {
		c.failf(strict.Key(path, "maxAge"), "the waits of schedule take longer (%s) than maxAge (%s)", sum, r.MaxAge)
	}
}

// retryOn checks the list of statuses, which replaces the two ways to treat a permanent failure.
func (c *checker) retryOn(path string, r *Route) {
	list := strict.Key(path, "retry")
	c.filled(list, "retryOn", len(r.Retry.RetryOn), "leave it out for 408, 425, 429 and 5xx")
	if len(r.Retry.RetryOn) > 0 && r.OnPermanent == TryAgain {
		c.failf(strict.Key(path, "onPermanent"), "retryOn names the statuses that are tried again; leave onPermanent or retryOn out")
	}
}

// delay checks the wait before the first attempt.
func (c *checker) delay(path string, r *Route) {
	at := strict.Key(path, "delay")
	switch {
	case !c.Has(at) || c.broken(path, "delay"):
	case r.Delay < minRetryWait || r.Delay > maxRetryWait:
		c.failf(at, "the delay is %s to %s", minRetryWait, maxRetryWait)
	case r.Retry.MaxAge > 0 && r.Delay >= r.Retry.MaxAge && !c.brokenAt(strict.Key(strict.Key(path, "retry"), "maxAge")):
		c.failf(at, "the delay (%s) is as long as the longest age of an event, retry.maxAge (%s)", r.Delay, r.Retry.MaxAge)
	}
}
