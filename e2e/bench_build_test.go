//go:build bench && !prove

package e2e

// builds are the programs as they are shipped.
var builds = map[string][]string{"": nil}
