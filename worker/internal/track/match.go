package track

import "time"

// Match returns the names of the routes that take an event, given the bindings of each,
// "<source>.<pattern of types>", in the order of their names.
func Match(bindings map[string][]string, source, typ string) []string {
	return newRouter(bindings, nil).match(source, typ, time.Now())
}
