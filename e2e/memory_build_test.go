//go:build memory && !prove && !bench

package e2e

// builds are the programs as they are shipped: the race detector needs many times the
// memory.
var builds = map[string][]string{"": nil}
