package ingest

import "context"

// suspect refuses addresses that failed too often to prove who they are.
type suspect struct{ suspects *Suspects }

func (s suspect) Do(_ context.Context, r *Request) error {
	if wait := s.suspects.wait(r.Remote, r.Arrived); wait > 0 {
		return &Refusal{Kind: KindRateLimited, Reason: "address-failures", RetryAfter: wait}
	}
	return nil
}
