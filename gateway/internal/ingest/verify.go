package ingest

import (
	"context"
	"strconv"
	"time"

	"github.com/penstock/penstock/pkg/signature"
)

// verify checks the signature as the provider, or the source's own scheme, makes it.
type verify struct{ metrics *Metrics }

func (v verify) Do(ctx context.Context, r *Request) error {
	if r.source.provider == nil {
		return nil
	}
	result := r.source.provider.Verify(ctx, &r.signed, time.Now())
	switch {
	case result.OK:
		v.metrics.prove(r.source, signedWith(result.Key))
		return nil
	case result.Reason == signature.KeyUnavailable, result.Reason == signature.Abandoned: // as in authenticate: not known yet
		return &Refusal{Kind: KindUnavailable, Reason: string(result.Reason), RetryAfter: retryKeys}
	default:
		r.unverified = result.Reason
		return because(KindUnauthorized, string(result.Reason), nil)
	}
}

// signedWith names the secret by its place in the source's list, which says nothing
// about the secret.
func signedWith(key int) proof {
	if key < 0 {
		return proof{method: "unsigned"} // the scheme lets some requests through without
	}
	return proof{"signature", strconv.Itoa(key)}
}
