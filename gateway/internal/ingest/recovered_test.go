package ingest_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/gateway/internal/ingest"
	"github.com/penstock/penstock/pkg/event"
)

const recoverable = `
  first: {scheme: {alg: none, id: 'json:id', type: 'json:type'}, open: true, maxBody: 1KiB}`

// fetched is an event as a tracker hands it over.
func fetched(body string) *event.Event {
	return &event.Event{
		ID: event.NewID(), Source: "first", ReceivedAt: time.Now(), Body: []byte(body), Recovered: event.RecoveredByAPI,
		Request: event.Request{Method: http.MethodPost, Path: "/in/first", Header: []event.Field{{Name: "Content-Type", Value: "application/json"}}},
	}
}

func TestARecoveredEventIsAcceptedOnceWhoeverComesFirst(t *testing.T) {
	t.Parallel()
	const body = `{"id":"e1","type":"paid"}`
	t.Run("the sender comes later", func(t *testing.T) {
		t.Parallel()
		b := setup(t, recoverable)
		e := fetched(body)
		require.NoError(t, b.Recover(t.Context(), e))
		answer := b.accepted(t, request("first", body))
		require.True(t, answer.Duplicate)
		require.Equal(t, e.ID, answer.EventID)
		require.NoError(t, b.Recover(t.Context(), e), "it comes again, because its acknowledgement was lost")
		require.Len(t, b.publisher.events(), 1)
		got := b.publisher.events()[0].event
		require.Equal(t, event.RecoveredByAPI, got.Recovered)
		require.Equal(t, "e1", got.ProviderID)
		require.Equal(t, "paid", got.Type)
		require.Equal(t, e.ID, got.ID)
		require.Equal(t, body, string(got.Body)) //nolint:testifylint // byte for byte
	})
	t.Run("the sender came before", func(t *testing.T) {
		t.Parallel()
		b := setup(t, recoverable)
		require.False(t, b.accepted(t, request("first", body)).Duplicate)
		require.NoError(t, b.Recover(t.Context(), fetched(body)))
		require.Len(t, b.publisher.events(), 1)
		require.Empty(t, b.publisher.events()[0].event.Recovered)
	})
	t.Run("the sender came before the window", func(t *testing.T) {
		t.Parallel()
		b := setup(t, `
  first: {provider: github, secrets: ["${S}"], dedup: {window: 1s}}`)
		require.False(t, b.accepted(t, named(github("{}"), "first")).Duplicate)
		e := fetched("{}")
		for name, values := range github("{}").HTTP.Header {
			e.Request.Header = append(e.Request.Header, event.Field{Name: name, Value: values[0]})
		}
		require.Eventually(t, func() bool { // until the window is over
			require.NoError(t, b.Recover(t.Context(), e))
			return b.count(t, "penstock.received", "first") > 3
		}, 10*time.Second, 700*time.Millisecond)
		require.Len(t, b.publisher.events(), 1, "it begins no further round")
	})
}

func named(r *ingest.Request, source string) *ingest.Request {
	r.Name = source
	return r
}

func TestARecoveredEventThatCanNeverBeAcceptedIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t, recoverable)
	large := fetched(`{"id":"` + string(make([]byte, 2000)) + `"}`)
	var refusal *ingest.Refusal
	require.ErrorAs(t, b.Recover(t.Context(), large), &refusal)
	require.Equal(t, ingest.KindTooLarge, refusal.Kind)
	stranger := fetched(`{}`)
	stranger.Source = "nowhere"
	require.ErrorAs(t, b.Recover(t.Context(), stranger), &refusal)
	require.Equal(t, ingest.KindUnknownSource, refusal.Kind)
	require.Empty(t, b.publisher.events())
}
