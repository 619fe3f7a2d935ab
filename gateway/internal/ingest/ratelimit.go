package ingest

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

// rateLimit refuses what exceeds the source's rate and says when to come again.
type rateLimit struct{}

func (rateLimit) Do(_ context.Context, r *Request) error {
	if r.source.limiter == nil {
		return nil
	}
	if refusal := within(r.source.limiter, string(KindRateLimited)); refusal != nil {
		return refusal
	}
	return nil
}

// within takes one request from the limiter, or refuses it for the reason.
func within(limiter *rate.Limiter, reason string) *Refusal {
	now := time.Now()
	reservation := limiter.ReserveN(now, 1)
	wait := reservation.DelayFrom(now)
	if wait == 0 {
		return nil
	}
	reservation.CancelAt(now) // a refused request must not use up the rate
	return &Refusal{Kind: KindRateLimited, Reason: reason, RetryAfter: wait}
}
