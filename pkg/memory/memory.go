package memory

import (
	"math"
	"os"
	"runtime/debug"
	"sync"
)

const (
	// goShare is Go's part of the container's limit. The rest is for what Go does not count:
	// buffers of sockets, files that are being written, libraries with memory of their own.
	goShare = 0.8
	// unlimited is what budgets are shares of where nothing limits the process, in bytes.
	unlimited = 1 << 30
)

// Where a limit comes from.
const (
	FromEnvironment = "GOMEMLIMIT"
	FromCgroup      = "cgroup"
	FromNothing     = "none"
)

// Bound is how much memory a process may use.
type Bound struct {
	Container int64  // the limit of its control group in bytes; 0: none
	Go        int64  // the limit of Go's runtime in bytes; math.MaxInt64: none
	From      string // what decided on the latter
}

// Limit sets the limit of Go's runtime to a part of the control group's, and returns both.
// A GOMEMLIMIT in the environment is respected. It acts once, and returns the same again.
// It is safe for concurrent use.
var Limit = sync.OnceValue(func() Bound {
	_, set := os.LookupEnv("GOMEMLIMIT")
	b := Bound{Container: containerLimit(os.DirFS("/")), From: FromNothing}
	switch {
	case set:
		b.From = FromEnvironment
	case b.Container > 0:
		b.From = FromCgroup
		debug.SetMemoryLimit(int64(goShare * float64(b.Container)))
	}
	b.Go = debug.SetMemoryLimit(-1)
	return b
})

// Share returns a part, from 0 to 1, of what the process may use, in bytes: of the limit
// of Go's runtime or, without one, of what [Limit] would set; of 1 GiB where there is no
// limit at all. It changes nothing, and is safe for concurrent use.
func Share(part float64) int64 {
	total := debug.SetMemoryLimit(-1)
	if total == math.MaxInt64 {
		total = unlimited
		if container := containerLimit(os.DirFS("/")); container > 0 {
			total = int64(goShare * float64(container))
		}
	}
	return int64(part * float64(total))
}
