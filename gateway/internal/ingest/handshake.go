package ingest

import (
	"context"

	"go.uber.org/zap"
	"golang.org/x/time/rate"
)

// handshake answers a provider's question, such as a challenge that it sends to
// check who owns the URL. It stands in the pipeline twice: some questions come
// unsigned, others must be verified first.
type handshake struct {
	verified bool
	captured *Captured
	log      *zap.Logger
}

// Anyone can ask an unsigned question, so where the source has no rate of its own,
// these bound the answers: per second, and at once.
const (
	unsignedRate  = 10
	unsignedBurst = 20
)

func newUnsignedLimiter() *rate.Limiter { return rate.NewLimiter(unsignedRate, unsignedBurst) }

func (h handshake) Do(ctx context.Context, r *Request) error {
	if r.source.provider == nil {
		return nil
	}
	asking := &r.signed
	if h.verified {
		asking = r.read
	}
	answer, asked := r.source.provider.Handshake(ctx, asking, h.verified)
	if !asked {
		return nil
	}
	r.question = questionVerified
	if !h.verified {
		r.question = questionUnsigned
		if refusal := r.source.withinUnsigned(); refusal != nil {
			return refusal
		}
	}
	if answer.Secret != "" {
		r.question = questionSecret
		h.captured.keep(r.source.name, answer.Secret)
	}
	r.answer = fromProvider(answer)
	h.tell(r)
	return nil
}

// The kinds of questions, which label the metric.
const (
	questionUnsigned = "unsigned" // anyone can have asked
	questionVerified = "verified"
	questionSecret   = "secret" // it brought the secret of a pending source
)

// withinUnsigned refuses an unsigned question that comes too soon. A rate of the
// source's own was applied before.
func (s *Source) withinUnsigned() *Refusal {
	if s.limiter != nil {
		return nil
	}
	return within(s.unsigned, "handshake-rate-limited")
}

// tell logs an answer now and then: one that is given for every request means that
// the provider signs nothing, and then nothing is stored.
func (h handshake) tell(r *Request) {
	r.source.told.Do(func() {
		h.log.Info("handshake answered",
			zap.String("source", r.source.name), zap.String("kind", r.question), zap.Int("status", r.answer.Status))
	})
}
