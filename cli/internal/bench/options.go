package bench

import (
	"errors"
	"fmt"
	"time"
)

// The bounds of a run.
const (
	MaxDuration    = time.Hour
	MaxCount       = 10_000_000
	MaxConnections = 1000
	MaxRate        = 100_000 // requests in a second
)

// Options say how to send.
type Options struct {
	Rate        float64       // requests in a second; zero: as fast as the answers come
	Duration    time.Duration // until when requests are sent
	Count       int           // how many are sent at most; zero: as many as fit
	Connections int           // how many are used side by side
	Timeout     time.Duration // of one request
	Insecure    bool          // accept any certificate
	Remote      bool          // send to other machines than this one too
}

// Validate checks the bounds. It joins all problems.
func (o Options) Validate() error {
	var problems []error
	bound := func(name string, good bool, limits string) {
		if !good {
			problems = append(problems, fmt.Errorf("%s: not %s", name, limits))
		}
	}
	bound("rate", o.Rate >= 0 && o.Rate <= MaxRate, fmt.Sprintf("from 0 to %d", MaxRate))
	bound("duration", o.Duration > 0 && o.Duration <= MaxDuration, fmt.Sprintf("from 1ns to %v", MaxDuration))
	bound("count", o.Count >= 0 && o.Count <= MaxCount, fmt.Sprintf("from 0 to %d", MaxCount))
	bound("connections", o.Connections > 0 && o.Connections <= MaxConnections, fmt.Sprintf("from 1 to %d", MaxConnections))
	bound("timeout", o.Timeout > 0, "positive")
	return errors.Join(problems...)
}

// limit is how many requests a run may have.
func (o Options) limit() int {
	limit := MaxCount
	if o.Count > 0 {
		limit = o.Count
	}
	if o.Rate > 0 {
		limit = min(limit, max(1, int(o.Rate*o.Duration.Seconds())))
	}
	return limit
}
