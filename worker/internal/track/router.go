package track

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/penstock/penstock/pkg/topology"
)

// router knows which routes an event goes to. It is used by one goroutine.
type router struct {
	routes []rule
	seen   map[string][]int // the matching routes by key: an installation has few types
}

type rule struct {
	name     string
	patterns []pattern
	since    time.Time
}

// maxSeen bounds what a router remembers.
const maxSeen = 10_000

// newRouter takes the routes' bindings, and from when on each is expected to be there.
func newRouter(bindings map[string][]string, since map[string]time.Time) *router {
	r := &router{seen: map[string][]int{}}
	for _, name := range slices.Sorted(maps.Keys(bindings)) {
		one := rule{name: name, since: since[name]}
		for _, text := range bindings[name] {
			one.patterns = append(one.patterns, newPattern(text))
		}
		r.routes = append(r.routes, one)
	}
	return r
}

// match returns the routes that take an event.
func (r *router) match(source, typ string, received time.Time) []string {
	var names []string
	for _, i := range r.matching(topology.EventKey(source, typ)) {
		if one := r.routes[i]; !received.Before(one.since) {
			names = append(names, one.name)
		}
	}
	return names
}

func (r *router) matching(key string) []int {
	if found, ok := r.seen[key]; ok {
		return found
	}
	if len(r.seen) >= maxSeen {
		clear(r.seen)
	}
	words := strings.Split(key, ".")
	var found []int
	for i, one := range r.routes {
		if slices.ContainsFunc(one.patterns, func(p pattern) bool { return p.matches(words) }) {
			found = append(found, i)
		}
	}
	r.seen[key] = found
	return found
}
