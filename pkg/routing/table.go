package routing

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/topology"
)

// maxKnown bounds the keys whose routes a table remembers: an installation has few types,
// and a stranger at an open source may send many.
const maxKnown = 10_000

// Table is the routes of a configuration with their patterns. It never changes, and is
// safe for concurrent use.
type Table struct {
	rules []rule
	known sync.Map // of []string, by key
	count atomic.Int64
}

type rule struct {
	route    string
	patterns []pattern
}

// NewTable makes a table of the patterns by route.
func NewTable(patterns map[string][]string) *Table {
	t := new(Table)
	for _, route := range slices.Sorted(maps.Keys(patterns)) {
		r := rule{route: route}
		for _, text := range patterns[route] {
			r.patterns = append(r.patterns, parsePattern(text))
		}
		t.rules = append(t.rules, r)
	}
	return t
}

// For makes the table of a configuration.
func For(c *config.Config) *Table {
	patterns := make(map[string][]string, len(c.Routes))
	for name, route := range c.Routes {
		patterns[name] = route.Bindings()
	}
	return NewTable(patterns)
}

// Match returns the names of the routes that take an event, in their order. The caller must
// not change them.
func (t *Table) Match(source, typ string) []string {
	key := topology.EventKey(source, typ)
	if found, ok := t.known.Load(key); ok {
		return found.([]string) //nolint:forcetypeassert,errcheck // nothing else is stored
	}
	found := t.find(strings.Split(key, "."))
	if t.count.Add(1) <= maxKnown {
		t.known.Store(strings.Clone(key), found)
	}
	return found
}

// Has reports whether there is such a route.
func (t *Table) Has(route string) bool {
	return slices.ContainsFunc(t.rules, func(r rule) bool { return r.route == route })
}

func (t *Table) find(key []string) []string {
	var found []string
	for _, r := range t.rules {
		if slices.ContainsFunc(r.patterns, func(p pattern) bool { return p.matches(key) }) {
			found = append(found, r.route)
		}
	}
	return found
}
