package ingest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/event"
)

func TestASenderIsAnsweredAsItsSourceSays(t *testing.T) {
	t.Parallel()
	b := setup(t, `  own: {open: true, dedup: {window: 1h}, respond: {status: 200, headers: {X-Event: "e-{id}"}, body: '{"ok": true, "id": "{id}", "at": "{receivedAt}"}'}}`)
	first, err := b.Serve(t.Context(), request("own", `{"a": 1}`))
	require.NoError(t, err)
	at, ok := event.IDTime(first.EventID)
	require.True(t, ok)
	require.Equal(t, http.StatusOK, first.Status)
	require.Equal(t, "application/json", first.ContentType)
	require.Equal(t, map[string]string{"X-Event": "e-" + first.EventID}, first.Header)
	require.JSONEq(t, `{"ok": true, "id": "`+first.EventID+`", "at": "`+at.Format("2006-01-02T15:04:05.000Z07:00")+`"}`, string(first.Body))

	again, err := b.Serve(t.Context(), request("own", `{"a": 1}`))
	require.NoError(t, err)
	require.True(t, again.Duplicate)
	require.Equal(t, first.Body, again.Body, "a repetition gets the same answer")
}

func TestAnAnswerMayBeTextOrNothing(t *testing.T) {
	t.Parallel()
	b := setup(t, `  text: {open: true, respond: {body: "OK {id}"}}
  nothing: {open: true, respond: {status: 204}}
  xml: {open: true, respond: {headers: {Content-Type: text/xml}, body: "<ok/>"}}`)
	for source, want := range map[string]struct {
		status     int
		kind, body string
	}{"text": {202, "text/plain; charset=utf-8", "OK "}, "nothing": {204, "", ""}, "xml": {202, "text/xml", "<ok/>"}} {
		got, err := b.Serve(t.Context(), request(source, `{}`))
		require.NoError(t, err)
		require.Equal(t, want.status, got.Status)
		require.Equal(t, want.kind, got.ContentType)
		if source == "text" {
			want.body += got.EventID
		}
		require.Equal(t, want.body, string(got.Body))
	}
}
