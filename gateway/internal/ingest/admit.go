package ingest

import (
	"context"
	"time"
)

// retryOverload is when a sender that found no room may come again: work in
// flight turns over within a second.
const retryOverload = time.Second

// admit takes one unit of the request budget, which the pipeline gives back.
type admit struct{ budget *Budget }

func (a admit) Do(_ context.Context, r *Request) error {
	share := a.budget.Share(r.source.name)
	if !share.Take(1) {
		return overloaded("request-budget")
	}
	r.admitted = share
	return nil
}

func overloaded(reason string) *Refusal {
	return &Refusal{Kind: KindOverloaded, Reason: reason, RetryAfter: retryOverload}
}
