package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/penstock/penstock/pkg/event"
)

// maxProviderID is the longest provider's id, in bytes, that is kept as it is:
// it travels in a message's header and is looked up in an index.
const maxProviderID = 255

// identify finds out what the provider calls the event, and its type. A provider
// that gives no id is given the body's SHA-256: the same body is the same event.
type identify struct{}

func (identify) Do(_ context.Context, r *Request) error {
	var id, typ string
	if r.source.provider != nil {
		id, typ = r.source.provider.Identify(&r.signed)
	}
	r.identity, r.providerID, r.eventType = id, boundID(id, r.body), event.CleanType(typ)
	r.eventID = event.NewID()
	return nil
}

func boundID(id string, body []byte) string {
	switch {
	case id == "":
		return digest(body)
	case len(id) > maxProviderID:
		return digest([]byte(id))
	default:
		return id
	}
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
