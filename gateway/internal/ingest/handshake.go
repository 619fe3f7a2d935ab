package ingest

import "context"

// handshake answers a provider's question, such as a challenge that it sends to
// check who owns the URL. It stands in the pipeline twice: some questions come
// unsigned, others must be verified first.
type handshake struct{ verified bool }

func (h handshake) Do(ctx context.Context, r *Request) error {
	if r.source.provider == nil {
		return nil
	}
	answer, asked := r.source.provider.Handshake(ctx, &r.signed, h.verified)
	if !asked {
		return nil
	}
	r.answer = fromProvider(answer)
	return nil
}
