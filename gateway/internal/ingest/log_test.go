package ingest_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/penstock/penstock/gateway/internal/ingest"
	"github.com/penstock/penstock/pkg/amqpx"
)

func TestAnOutageIsLoggedOnceInAWhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // no time passes
		core, lines := observer.New(zap.InfoLevel)
		limits := ingest.Limits{Requests: ingest.NewBudget(100), Bytes: ingest.NewBudget(64 << 20)}
		publisher := &fakePublisher{answer: func(context.Context) error { return amqpx.ErrUnavailable }}
		b := setupWhole(t, githubSource, limits, publisher, zap.New(core))
		for range 100 {
			b.refused(t, github("{}"))
		}
		require.Len(t, lines.All(), 1)
		require.Equal(t, "broker-unavailable", lines.All()[0].ContextMap()["reason"])
	})
}

func TestNothingThatASenderSentIsLogged(t *testing.T) {
	t.Parallel()
	core, lines := observer.New(zap.DebugLevel)
	limits := ingest.Limits{Requests: ingest.NewBudget(100), Bytes: ingest.NewBudget(64 << 20)}
	b := setupWhole(t, guarded, limits, new(fakePublisher), zap.New(core))
	b.refused(t, request("sent-name", "sent-body"))
	b.refused(t, request("guarded", "sent-body", "Content-Type", "sent/type"))
	b.refused(t, request("guarded", "sent-body", "Content-Type", "application/json", "X-Api-Key", "sent-key", "X-Hub-Signature-256", "sha256=sent"))
	require.Len(t, lines.All(), 3)
	for _, line := range lines.All() {
		for _, field := range line.Context {
			require.NotContains(t, field.String, "sent")
		}
		require.NotContains(t, line.Message, "sent")
		if cause, ok := line.ContextMap()["cause"].(string); ok {
			require.NotContains(t, cause, "sent")
		}
	}
}
