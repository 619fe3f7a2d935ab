package ingest_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/gateway/internal/ingest"
	"github.com/penstock/penstock/pkg/event"
)

// fakeQuarantine takes everything.
type fakeQuarantine struct {
	reasons []string
	events  []*event.Event
}

func (f *fakeQuarantine) Offer(_ context.Context, _, reason string, _ int, take func() *event.Event) {
	f.reasons = append(f.reasons, reason)
	f.events = append(f.events, take())
}

func setupQuarantine(t *testing.T, sources string) (*bundle, *fakeQuarantine) {
	t.Helper()
	f := new(fakeQuarantine)
	return setup(t, sources, func(o *ingest.Options) { o.Quarantine = f }), f
}

func TestAWrongSignatureIsOfferedToTheQuarantine(t *testing.T) {
	t.Parallel()
	b, f := setupQuarantine(t, "  github: {provider: github, secrets: ['${S}'], quarantine: true}")
	r := github("{}")
	r.HTTP.Header.Set("X-Hub-Signature-256", sign("another"))
	require.Equal(t, ingest.KindUnauthorized, b.refused(t, r).Kind)
	require.Equal(t, []string{"mismatch"}, f.reasons)
	e := f.events[0]
	require.Equal(t, "github", e.Source)
	require.Equal(t, "{}", string(e.Body))
	require.Equal(t, sign("another"), e.Request.Get("X-Hub-Signature-256"))
	require.Empty(t, b.publisher.events())

	b.accepted(t, github("{}"))
	r = github("{}")
	r.HTTP.Header.Del("X-Hub-Signature-256")
	b.refused(t, r)
	require.Len(t, f.events, 1, "neither what is valid nor what nobody signed")
}

func TestTheQuarantineKeepsNoCopyThatTheNextRequestWritesOver(t *testing.T) {
	t.Parallel()
	b, f := setupQuarantine(t, "  github: {provider: github, secrets: ['${S}'], quarantine: true}")
	for _, letter := range []string{"a", "b", "c"} {
		r := github(strings.Repeat(letter, 1000))
		r.HTTP.Header.Set("X-Hub-Signature-256", sign("another"))
		b.refused(t, r)
	}
	require.Equal(t, strings.Repeat("a", 1000), string(f.events[0].Body))
}

func TestASourceWithoutAQuarantineOffersNothing(t *testing.T) {
	t.Parallel()
	b, f := setupQuarantine(t, githubSource)
	r := github("{}")
	r.HTTP.Header.Set("X-Hub-Signature-256", sign("another"))
	b.refused(t, r)
	require.Empty(t, f.events)
}

func TestAWrongKeyIsNotQuarantined(t *testing.T) {
	t.Parallel()
	const key = `auth: [{apiKey: {header: X-Key, keys: [{name: a, sha256: a231ae0a8ef289bfecf8b3362858057323a8d9cb94b0cdea0df07f8fc0674cfe}]}}]`
	b, f := setupQuarantine(t, "  github: {provider: github, secrets: ['${S}'], quarantine: true, "+key+"}")
	require.Equal(t, ingest.KindUnauthorized, b.refused(t, github("{}", "X-Key", "wrong")).Kind)
	require.Empty(t, f.events, "keys must not rest in the broker")
}
