//go:build memory

package e2e

import "os"

// builds are the programs as they are shipped: the race detector needs many times the
// memory.
var builds = map[string][]string{"": nil}

// short reports whether only a few of the worst inputs are sent.
func short() bool { return os.Getenv("PENSTOCK_MEMORY_SHORT") != "" }
