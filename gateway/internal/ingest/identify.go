package ingest

import (
	"context"

	"github.com/penstock/penstock/pkg/event"
)

// identify finds out what the provider calls the event, and its type. A provider
// that gives no id is given the body's SHA-256: the same body is the same event.
type identify struct{}

func (identify) Do(_ context.Context, r *Request) error {
	var id, typ string
	if r.source.provider != nil {
		id, typ = r.source.provider.Identify(r.read)
	}
	r.identity, r.providerID, r.eventType = id, event.BoundID(id, r.body), event.CleanType(typ)
	if r.eventID = r.proposed; r.eventID == "" {
		r.eventID = event.NewID()
	}
	return nil
}
