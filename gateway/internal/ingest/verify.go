package ingest

import (
	"context"
	"time"

	"github.com/penstock/penstock/pkg/signature"
)

// verify checks the signature as the provider, or the source's own scheme, makes it.
type verify struct{}

func (verify) Do(ctx context.Context, r *Request) error {
	if r.source.provider == nil {
		return nil
	}
	result := r.source.provider.Verify(ctx, &r.signed, time.Now())
	switch {
	case result.OK:
		return nil
	case result.Reason == signature.KeyUnavailable: // as in authenticate: nobody can tell yet
		return &Refusal{Kind: KindUnavailable, Reason: string(result.Reason), RetryAfter: retryKeys}
	default:
		return because(KindUnauthorized, string(result.Reason), nil)
	}
}
