package doctor

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Check looks at one thing.
type Check struct {
	Name string
	Look func(ctx context.Context) []Finding
}

// Run runs the checks side by side, each for so long at most, and returns what they
// found in their order. Done, which may be nil, is told after each how many have ended.
func Run(ctx context.Context, checks []Check, each time.Duration, done func(n int)) []Finding {
	found := make([][]Finding, len(checks))
	ended := make(chan struct{}, len(checks))
	var all sync.WaitGroup
	for i, c := range checks {
		all.Go(func() {
			found[i] = look(ctx, c, each)
			ended <- struct{}{}
		})
	}
	for n := range checks {
		<-ended
		if done != nil {
			done(n + 1)
		}
	}
	all.Wait()
	var findings []Finding
	for _, some := range found {
		findings = append(findings, some...)
	}
	return findings
}

func look(ctx context.Context, c Check, each time.Duration) []Finding {
	ctx, cancel := context.WithTimeout(ctx, each)
	defer cancel()
	found := c.Look(ctx)
	for i := range found {
		found[i] = found[i].of(c.Name)
	}
	return found
}

// text is an error in words: one that only says that the time is over says so plainly.
func text(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer in time"
	}
	return err.Error()
}
