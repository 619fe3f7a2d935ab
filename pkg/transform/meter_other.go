//go:build !linux

package transform

import "time"

// threadTime is not known: the steps alone are counted.
func threadTime() time.Duration { return 0 }
