package ingest

import (
	"context"
	"slices"
)

// method refuses methods that neither the source's events nor its handshakes use.
type method struct{}

func (method) Do(_ context.Context, r *Request) error {
	if slices.Contains(r.source.methods, r.HTTP.Method) {
		return nil
	}
	return &Refusal{Kind: KindMethod, Reason: string(KindMethod), Allow: r.source.methods}
}

// eventsOnly refuses what came with a handshake's method but asked no handshake's
// question. An event is a POST, but for a few providers.
type eventsOnly struct{}

func (eventsOnly) Do(_ context.Context, r *Request) error {
	if slices.Contains(r.source.eventMethods, r.HTTP.Method) {
		return nil
	}
	return &Refusal{Kind: KindMethod, Reason: "not-a-handshake", Allow: r.source.methods}
}
