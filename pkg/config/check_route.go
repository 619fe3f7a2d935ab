package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/penstock/penstock/pkg/config/internal/strict"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/filter"
)

const (
	minRetryWait = Duration(time.Second) // delays are whole seconds
	maxRetryWait = 12 * Duration(day)    // the delay exchanges reach a little further
	maxFactor    = 100
)

func (c *checker) route(path string, r *Route) {
	c.routeFrom(path, r)
	c.routeTo(path, r)
	types := strict.Key(path, "types")
	if len(r.Types) == 0 && !c.broken(path, "types") {
		c.failf(types, "the list is empty; leave it out to take every type")
	}
	c.once(types, r.Types)
	for i, pattern := range r.Types {
		if err := checkPattern(pattern); err != nil {
			c.failf(strict.Index(types, i), "%s", err)
		}
	}
	c.filter(path, r)
	c.transform(strict.Key(path, "transform"), r.Transform)
	if r.Ordering != nil {
		c.ordering(strict.Key(path, "ordering"), r.Ordering)
	}
	if r.OnPermanent != DeadLetter && r.OnPermanent != TryAgain {
		c.failf(strict.Key(path, "onPermanent"), "expected %s or %s", DeadLetter, TryAgain)
	}
	c.retry(strict.Key(path, "retry"), r.Retry)
}

func (c *checker) routeFrom(path string, r *Route) {
	from := strict.Key(path, "from")
	if len(r.From) == 0 && !c.broken(path, "from") {
		c.failf(from, "a route takes events from at least one source: from is missing")
	}
	c.once(from, r.From)
	for i, name := range r.From {
		oneOf(c, strict.Index(from, i), "source", name, c.cfg.Sources)
	}
}

func (c *checker) routeTo(path string, r *Route) {
	to := strict.Key(path, "to")
	switch {
	case c.broken(path, "to"):
	case r.To == "":
		c.failf(to, "a route leads to a destination: to is missing")
	default:
		oneOf(c, to, "destination", r.To, c.cfg.Destinations)
	}
}

func (c *checker) filter(path string, r *Route) {
	at := strict.Key(path, "filter")
	switch {
	case !c.Has(at) || c.broken(path, "filter"):
	case strings.TrimSpace(r.Filter) == "":
		c.failf(at, "the filter is empty; leave it out to take every event")
	default:
		if _, err := filter.Compile(r.Filter); err != nil {
			c.failf(at, "%s", err)
		}
	}
}

// checkPattern checks a topic pattern as AMQP 0-9-1 has them.
func checkPattern(pattern string) error {
	if len(pattern) > event.MaxType {
		return fmt.Errorf("a pattern has at most %d bytes", event.MaxType)
	}
	for word := range strings.SplitSeq(pattern, ".") {
		switch {
		case word == "":
			return fmt.Errorf("%q has an empty word; words stand between single dots", pattern)
		case word == "*" || word == "#":
		case strings.ContainsAny(word, "*#"):
			return fmt.Errorf("%q: * and # stand for whole words, as in invoice.*", pattern)
		case event.CleanType(word) != word:
			return fmt.Errorf("%q matches no type: types have no white space and no control characters", pattern)
		}
	}
	return nil
}

func (c *checker) retry(path string, r Retry) {
	check := func(key string, ok bool, format string, args ...any) {
		if !ok && !c.broken(path, key) {
			c.failf(strict.Key(path, key), format, args...)
		}
	}
	check("initial", r.Initial >= minRetryWait, "the wait is at least %s", minRetryWait)
	check("factor", r.Factor >= 1 && r.Factor <= maxFactor, "the factor is 1 to %d", maxFactor)
	check("jitter", r.Jitter >= 0 && r.Jitter <= 1, "the jitter is 0 to 1")
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
