//go:build memory && !bench && !prove

package e2e

import "os"

// short reports whether only a few of the worst inputs are sent.
func short() bool { return os.Getenv("PENSTOCK_MEMORY_SHORT") != "" }
