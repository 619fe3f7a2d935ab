package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/config/internal/strict"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/filter"
)

func (c *checker) route(path string, r *Route) {
	c.routeFrom(path, r)
	c.routeTo(path, r)
	c.types(path, r.Types)
	c.filter(path, r.Filter)
	c.transform(strict.Key(path, "transform"), r.Transform)
	if r.Ordering != nil {
		c.ordering(strict.Key(path, "ordering"), r.Ordering)
	}
	if r.OnPermanent != DeadLetter && r.OnPermanent != TryAgain {
		c.failf(strict.Key(path, "onPermanent"), "expected %s or %s", DeadLetter, TryAgain)
	}
	c.retry(strict.Key(path, "retry"), &r.Retry)
	c.retryOn(path, r)
	c.delay(path, r)
}

// types checks a list of topic patterns.
func (c *checker) types(path string, patterns []string) {
	types := strict.Key(path, "types")
	if len(patterns) == 0 && !c.broken(path, "types") {
		c.failf(types, "the list is empty; leave it out to take every type")
	}
	c.once(types, patterns)
	for i, pattern := range patterns {
		if err := checkPattern(pattern); err != nil {
			c.failf(strict.Index(types, i), "%s", err)
		}
	}
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

func (c *checker) filter(path, text string) {
	at := strict.Key(path, "filter")
	switch {
	case !c.Has(at) || c.broken(path, "filter"):
	case strings.TrimSpace(text) == "":
		c.failf(at, "the filter is empty; leave it out to take every event")
	default:
		if _, err := filter.Compile(text); err != nil {
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
		case slices.ContainsFunc(strings.Split(word, "/"), halfWild):
			return fmt.Errorf("%q: * and # stand for whole words, as in invoice.* and orders/*", pattern)
		case event.CleanType(literal(word)) != literal(word):
			return fmt.Errorf("%q matches no type: types have no white space and no control characters", pattern)
		}
	}
	return nil
}

// halfWild reports whether a * or a # is only a part of a segment.
func halfWild(segment string) bool { return len(segment) > 1 && strings.ContainsAny(segment, "*#") }

// literal is a word whose * and # are whole segments, as a type could be.
func literal(word string) string { return strings.NewReplacer("*", "x", "#", "x").Replace(word) }
