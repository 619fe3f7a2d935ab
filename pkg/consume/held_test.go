package consume_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/status"
)

func TestAnEventInHandIsToldAboutAgainAndAgain(t *testing.T) {
	t.Parallel()
	entered, finish := make(chan struct{}), make(chan struct{})
	b := setup(t, func(context.Context, *event.Event) error { close(entered); <-finish; return nil })
	r := b.route(t)
	done := make(chan struct{})
	go func() { defer close(done); r.Process(t.Context(), b.delivery, b.message, 0) }()
	<-entered
	now := time.Now()
	require.Empty(t, r.Held(now), "most events are settled within moments")
	records := r.Held(now.Add(time.Minute))
	require.Len(t, records, 1)
	require.Equal(t, status.Held, records[0].Kind)
	require.Equal(t, b.message.ID, records[0].Event)
	require.Equal(t, "orders", records[0].Route)
	require.Equal(t, now.Add(time.Minute), records[0].At)
	require.Empty(t, r.Held(now.Add(time.Minute+time.Second)))
	require.Len(t, r.Held(now.Add(2*time.Minute)), 1)
	close(finish)
	<-done
	require.Empty(t, r.Held(now.Add(time.Hour)), "it is settled")
}

func TestAnEventThatWasHandedBackIsToldAboutOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, returning(consume.ErrHandBack))
	r := b.route(t)
	r.Process(t.Context(), b.delivery, b.message, 0)
	now := time.Now()
	require.Empty(t, r.Held(now), "most come again within moments")
	records := r.Held(now.Add(time.Minute))
	require.Len(t, records, 1)
	require.Equal(t, b.message.ID, records[0].Event)
	require.WithinDuration(t, now, records[0].At, 10*time.Second, "it was in hand then, and not for a minute")
	require.Empty(t, r.Held(now.Add(time.Hour)))
}
