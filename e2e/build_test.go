//go:build !prove && !bench && !memory

package e2e

// builds are the flags that the programs under test are built with, by the folder
// that they are put into.
var builds = map[string][]string{"": {"-race"}}
