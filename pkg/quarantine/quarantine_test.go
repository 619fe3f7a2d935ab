package quarantine_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/quarantine"
)

const secret = "It's a Secret to Everybody"

// judge judges for a preset, with the secret.
func judge(t *testing.T, preset string) *quarantine.Judge {
	t.Helper()
	p, known := provider.Lookup(preset)
	require.True(t, known)
	source, err := provider.New(p, provider.Options{Secrets: []string{secret}})
	require.NoError(t, err)
	return &quarantine.Judge{Source: source, Methods: p.Methods}
}

// entry is what Parse makes of what Refused makes.
func entry(t *testing.T, receivedAt time.Time, body string, fields ...event.Field) *quarantine.Entry {
	t.Helper()
	m, err := quarantine.Refused(&event.Event{
		ID: "e-1", Source: "s", ReceivedAt: receivedAt, Body: []byte(body),
		Request: event.Request{Method: "POST", Path: "/in/s", Header: append(fields, event.Field{Name: "Host", Value: "h"})},
	}, "mismatch")
	require.NoError(t, err)
	e, err := quarantine.Parse(m)
	require.NoError(t, err)
	require.Equal(t, "mismatch", e.Reason)
	require.Equal(t, "e-1", e.ID)
	return e
}

func sign(text string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

func TestWhatVerifiesBecomesTheEventThatItWouldHaveBeen(t *testing.T) {
	t.Parallel()
	fields := []event.Field{
		{Name: "X-Github-Delivery", Value: "d-1"},
		{Name: "X-Github-Event", Value: "push"},
		{Name: "X-Hub-Signature-256", Value: "sha256=" + sign("{}")},
	}
	j, e := judge(t, "github"), entry(t, time.UnixMilli(1_700_000_000_000), "{}", fields...)
	require.True(t, j.Verify(t.Context(), e).OK)
	got, fingerprint, err := j.Event(t.Context(), e)
	require.NoError(t, err)
	require.NotEmpty(t, fingerprint)
	require.Equal(t, "e-1", got.ID)
	require.Equal(t, "push", got.Type)
	require.Equal(t, "d-1", got.ProviderID)
	require.Equal(t, e.Event.ReceivedAt, got.ReceivedAt)

	other := entry(t, time.Now(), "{ }", fields...)
	require.False(t, j.Verify(t.Context(), other).OK)
}

func TestATimestampIsJudgedAgainstTheReception(t *testing.T) {
	t.Parallel()
	signed := time.Now().Add(-12 * time.Hour)
	field := event.Field{Name: "Stripe-Signature", Value: fmt.Sprintf("t=%d,v1=%s", signed.Unix(), sign(fmt.Sprintf("%d.{}", signed.Unix())))}
	j := judge(t, "stripe")
	require.True(t, j.Verify(t.Context(), entry(t, signed.Add(time.Minute), "{}", field)).OK)
	late := j.Verify(t.Context(), entry(t, signed.Add(time.Hour), "{}", field))
	require.False(t, late.OK)
	require.EqualValues(t, "stale", late.Reason)
}

func TestAQuestionIsNoEvent(t *testing.T) {
	t.Parallel()
	e := entry(t, time.Now(), "{}")
	e.Event.Request.Method = "GET"
	_, _, err := judge(t, "github").Event(t.Context(), e)
	require.ErrorContains(t, err, "no event")
}

func TestANoteOfAReleaseIsNoEntry(t *testing.T) {
	t.Parallel()
	e, err := quarantine.Parse(quarantine.Released("e-1", time.Now()))
	require.NoError(t, err)
	require.Equal(t, &quarantine.Entry{ID: "e-1"}, e)

	_, err = quarantine.Parse(&event.Message{ID: "x"})
	require.ErrorIs(t, err, event.ErrMalformed)
}
