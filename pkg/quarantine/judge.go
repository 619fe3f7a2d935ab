package quarantine

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/penstock/penstock/pkg/credential"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// Judge decides about the entries of one source, with its secrets of today.
type Judge struct {
	Source  *provider.Source // verifies and identifies
	Methods []string         // what events come with besides POST: a preset's Methods

	// Stripped is what an event does not have: an entry keeps the secret that came with it, to
	// be verified.
	Stripped credential.Places
}

// errQuestion means that the request is a provider's question, and no event.
var errQuestion = errors.New("it is a question of the provider, and no event")

// Verify decides whether the provider sent the entry's request. The time is that of
// its reception: an entry is not stale because it lay in the quarantine, and stays so if
// it was when it came. It may ask the network for keys, no longer than ctx allows.
func (j *Judge) Verify(ctx context.Context, e *Entry) signature.Result {
	return j.Source.Verify(ctx, request(e.Event), e.Event.ReceivedAt)
}

// Event returns the event that the gateway would have made of an entry that Verify
// approved, under the entry's ID, and what is the same in copies of it; empty when
// nothing tells. It fails for a request that is a question and no event.
func (j *Judge) Event(ctx context.Context, e *Entry) (made *event.Event, fingerprint string, err error) {
	r := request(e.Event)
	if r.Method != http.MethodPost && !slices.Contains(j.Methods, r.Method) {
		return nil, "", errQuestion
	}
	r = r.Read(event.MaxBody)
	if _, asked := j.Source.Handshake(ctx, r, true); asked {
		return nil, "", errQuestion
	}
	id, typ := j.Source.Identify(r)
	released := *e.Event
	j.Stripped.Strip(&released.Request)
	released.ProviderID, released.Type = event.BoundID(id, released.Body), event.CleanType(typ)
	known, told := j.Source.Fingerprint(r, id)
	if !told {
		return &released, "", nil
	}
	return &released, fmt.Sprintf("%s:%s", released.Source, known), nil
}

// request is the request as it was verified when it came. Host stands in an event's
// header, and in none that net/http hands out.
func request(e *event.Event) *signature.Request {
	header := make(http.Header, len(e.Request.Header))
	for _, f := range e.Request.Header {
		if f.Name != "Host" {
			header[f.Name] = append(header[f.Name], f.Value)
		}
	}
	return &signature.Request{
		Method:   e.Request.Method,
		Path:     e.Request.Path,
		RawQuery: e.Request.Query,
		Header:   header,
		Body:     e.Body,
	}
}
