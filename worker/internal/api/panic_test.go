package api_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/store"
)

// broken is an archive that panics with what it has read.
type broken struct{}

func (broken) Event(context.Context, int64, string) (*event.Event, error) {
	panic(`cannot decode {"card": "4242 4242 4242 4242"}`)
}

func TestAPanicKeepsThePayloadOutOfTheLogAndTheAnswer(t *testing.T) {
	t.Parallel()
	core, logged := observer.New(zapcore.DebugLevel)
	b := setup(t, func(o *api.Options) { o.Archive, o.Log = broken{}, zap.New(core) })
	b.apply(store.Batch{Accepted: []store.Accepted{accepted(7, "invoices")}})
	res := b.ask(t.Context(), http.MethodGet, "/api/v1/events/"+id(7)+"/payload", "reader-secret")
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusInternalServerError, res.StatusCode, "%s", body)
	require.Equal(t, "application/problem+json", res.Header.Get("Content-Type"))
	require.NotContains(t, string(body), "4242 4242")
	entries := logged.FilterMessage("request panicked").All()
	require.Len(t, entries, 1)
	require.Contains(t, fmt.Sprintf("%s", entries[0].ContextMap()["stack"]), "broken.Event", "the log says where")
	for _, entry := range logged.All() {
		require.NotContains(t, fmt.Sprintf("%s %s %+v", entry.Message, entry.ContextMap()["stack"], entry.ContextMap()), "4242 4242")
	}
}
