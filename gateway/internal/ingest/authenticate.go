package ingest

import (
	"context"
	"time"

	"github.com/penstock/penstock/pkg/auth"
)

// retryKeys is when a sender may come again while a key set cannot be fetched.
const retryKeys = 30 * time.Second

// authenticate checks the sender's credentials against the source's list.
type authenticate struct{ metrics *Metrics }

func (a authenticate) Do(ctx context.Context, r *Request) error {
	if r.source.auth == nil {
		return nil
	}
	identity, err := r.source.auth.Authenticate(ctx, r.HTTP)
	if err == nil {
		for _, m := range identity.Matches {
			a.metrics.prove(r.source, proofOf(m))
		}
		return nil
	}
	reason := auth.ReasonOf(err)
	if reason == auth.ReasonKeysUnavailable {
		// Nobody can tell yet whether the token is good, and a sender that is
		// told 401 may never come again.
		return &Refusal{Kind: KindUnavailable, Reason: string(reason), RetryAfter: retryKeys, Cause: err}
	}
	return because(KindUnauthorized, string(reason), err)
}

// proofOf names the key where the configuration lists every key by its name. The names
// in signed tokens and certificates have no end.
func proofOf(m auth.Match) proof {
	switch m.Method {
	case "apiKey", "bearer", "basic":
		return proof{m.Method, m.Name}
	default:
		return proof{method: m.Method}
	}
}
