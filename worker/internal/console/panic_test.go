package console_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/console"
)

// broken is an archive that panics with what it has read.
type broken struct{ cause func(payload string) any }

func (b broken) Event(context.Context, int64, string) (*event.Event, error) {
	panic(b.cause(`{"card": "4242 4242 4242 4242"}`))
}

func TestThePanicOfAPageKeepsASecretOutOfTheLogAndTheAnswer(t *testing.T) {
	t.Parallel()
	for name, cause := range map[string]func(string) any{
		"a string": func(p string) any { return "cannot show " + p },
		"an error": func(p string) any { return fmt.Errorf("show: %w", errors.New(p)) },
		"a struct": func(p string) any { return struct{ Body string }{p} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			core, logged := observer.New(zapcore.DebugLevel)
			b := setup(t, func(o *console.Options) { o.Archive, o.Log = broken{cause}, zap.New(core) })
			b.happen(7, "invoice.paid", status.Delivered, "{}")
			b.enter("reader")
			got := b.get("/console/events/" + id(7))
			require.Equal(t, http.StatusInternalServerError, got.StatusCode)
			require.Contains(t, got.body, "Something went wrong here")
			require.NotContains(t, got.body, "4242")
			entries := logged.FilterMessage("page panicked").All()
			require.Len(t, entries, 1)
			require.Contains(t, entries[0].ContextMap()["stack"], "broken.Event", "the log says where")
			for _, entry := range logged.All() {
				require.NotContains(t, fmt.Sprintf("%s %+v", entry.Message, entry.ContextMap()), "4242")
			}
		})
	}
}
