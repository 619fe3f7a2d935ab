package track

import (
	"time"

	"github.com/penstock/penstock/pkg/routing"
)

// router guesses which routes an event goes to that was archived by a gateway before
// version 1, which did not write them down. It is used by one goroutine.
type router struct {
	table *routing.Table
	since map[string]time.Time
}

// newRouter takes the routes' patterns, and from when on each route is expected to be there.
func newRouter(patterns map[string][]string, since map[string]time.Time) *router {
	return &router{routing.NewTable(patterns), since}
}

// match returns the routes that take an event.
func (r *router) match(source, typ string, received time.Time) []string {
	var names []string
	for _, name := range r.table.Match(source, typ) {
		if !received.Before(r.since[name]) {
			names = append(names, name)
		}
	}
	return names
}
