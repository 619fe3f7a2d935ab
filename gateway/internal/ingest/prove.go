package ingest

import (
	"context"
	"time"
)

// prove finds out whether the request comes from whom it says: by its credentials and
// its signature. It notes how long that took. Where that can take long, it ends with the
// sender, and in time for an answer.
type prove struct {
	by      []Stage
	timeout time.Duration
}

func (p prove) Do(ctx context.Context, r *Request) error {
	ctx, span := begin(ctx, "verify")
	defer span.End()
	began := time.Now()
	if r.source.slow {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, r.deadline(p.timeout, began))
		defer cancel()
	}
	for _, s := range p.by {
		if err := s.Do(ctx, r); err != nil {
			fail(span, err)
			return err
		}
	}
	r.spent.verify = time.Since(began)
	return nil
}
