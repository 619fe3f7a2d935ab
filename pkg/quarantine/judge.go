package quarantine

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/credential"
	"github.com/penstock/penstock/pkg/diagnose"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// Judge decides about the entries of one source, with its secrets of today. Its methods are
// safe for concurrent use.
type Judge struct {
	Source  *provider.Source // verifies and identifies
	Methods []string         // the methods of events apart from POST: a preset's Methods

	// Stripped is what an event does not have: an entry keeps the secret that came with it, to
	// be verified.
	Stripped credential.Places
}

// ErrUnsigned means that a source has neither a provider nor a scheme.
var ErrUnsigned = errors.New("the source has neither a provider nor a scheme: it verifies no signature")

// NewJudge makes the judge of a configured source. The secrets are those to verify with, whatever
// the configuration holds. It fails with ErrUnsigned, and for secrets that the source cannot use; the
// error quotes none.
func NewJudge(s *config.Source, secrets []string) (*Judge, error) {
	c, err := caseOf(s, secrets)
	if err != nil {
		return nil, err
	}
	j := &Judge{Stripped: s.Stripped()}
	if c.Preset == nil {
		j.Source, err = provider.Custom(c.Scheme, c.Options)
	} else {
		j.Methods = c.Preset.Methods
		j.Source, err = provider.New(c.Preset, c.Options)
	}
	if err != nil {
		return nil, fmt.Errorf("source %s: %w", s.Name, err)
	}
	return j, nil
}

// Diagnose verifies an entry with the secrets, and finds out why it is not valid. Without
// secrets it says what can be known without them. It fails for an entry of a source that verifies
// nothing, and for secrets that the source cannot use; the error quotes none.
func Diagnose(ctx context.Context, s *config.Source, secrets []string, e *Entry) (*diagnose.Verdict, error) {
	c, err := caseOf(s, secrets)
	if err != nil {
		return nil, err
	}
	c.Request, c.Now = request(e.Event), e.Event.ReceivedAt
	for _, f := range e.Event.Request.Header {
		if f.Name == hostField {
			c.Host = f.Value
		}
	}
	if len(secrets) == 0 && s.Secrets != nil {
		return diagnose.Describe(ctx, c, signature.Reason(e.Reason)), nil
	}
	return diagnose.Run(ctx, c)
}

// caseOf is how the requests of a source are signed.
func caseOf(s *config.Source, secrets []string) (diagnose.Case, error) {
	c := diagnose.Case{Options: provider.Options{Secrets: secrets, PublicURL: s.PublicURL, Config: map[string]string{}}}
	for name, value := range s.Config {
		c.Options.Config[name] = value.Reveal()
	}
	preset, known := provider.Lookup(s.Provider)
	switch {
	case known:
		c.Preset, c.Scheme = preset, preset.Scheme
	case s.Scheme != nil:
		c.Scheme = *s.Scheme
	default:
		return c, ErrUnsigned
	}
	return c, nil
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

// hostField is in the header of an event, and in none that net/http hands out.
const hostField = "Host"

// request is the request as it was verified when it came.
func request(e *event.Event) *signature.Request {
	header := make(http.Header, len(e.Request.Header))
	for _, f := range e.Request.Header {
		if f.Name != hostField {
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
