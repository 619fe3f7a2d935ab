package amqpx

import (
	"context"
	"math/rand/v2"
	"time"
)

// The bounds of the wait between two tries. The longest is short, because a
// publisher has to be back within seconds of the broker.
const (
	shortestWait = 50 * time.Millisecond
	longestWait  = 2 * time.Second
)

// backoff is an exponential wait with jitter and no limit of tries. The zero value
// is ready; it is not safe for concurrent use.
type backoff struct{ tries int }

// next returns the next wait: between half and all of a bound that doubles.
func (b *backoff) next() time.Duration {
	bound := min(shortestWait<<min(b.tries, 16), longestWait)
	b.tries++
	return bound/2 + rand.N(bound/2+1) //nolint:gosec // jitter is no secret
}

func (b *backoff) reset() { b.tries = 0 }

// sleep waits, and reports whether the context was still alive after that.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
