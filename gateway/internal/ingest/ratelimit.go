package ingest

import (
	"context"
	"time"
)

// rateLimit refuses what exceeds the source's rate and says when to come again.
type rateLimit struct{}

func (rateLimit) Do(_ context.Context, r *Request) error {
	limiter := r.source.limiter
	if limiter == nil {
		return nil
	}
	now := time.Now()
	reservation := limiter.ReserveN(now, 1)
	wait := reservation.DelayFrom(now)
	if wait == 0 {
		return nil
	}
	reservation.CancelAt(now) // a refused request must not use up the rate
	return &Refusal{Kind: KindRateLimited, Reason: string(KindRateLimited), RetryAfter: wait}
}
