package ingest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/gateway/internal/ingest"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
)

const githubSource = "  github: {provider: github, secrets: ['${S}']}"

func TestAnAcceptedEventHoldsTheRequestAsItCame(t *testing.T) {
	t.Parallel()
	b := setup(t, githubSource)
	r := github(`{"action":"opened"}`, "Via", "one", "Via", "two", "Content-Type", "application/json")
	r.HTTP.URL.RawQuery = "a=1&b=%20"
	answer := b.accepted(t, r)

	got := b.publisher.events()[0]
	require.Equal(t, "github", got.Source)
	require.Equal(t, "push.opened", got.Type)
	e := got.event
	require.Equal(t, answer.EventID, e.ID)
	require.EqualValues(t, 7, uuid.MustParse(e.ID).Version())
	require.Equal(t, "github", e.Source)
	require.Equal(t, "push.opened", e.Type)
	require.Equal(t, "d-1", e.ProviderID)
	require.Equal(t, 1, e.Attempt)
	require.WithinDuration(t, time.Now(), e.ReceivedAt, time.Minute)
	require.True(t, bytes.Equal([]byte(`{"action":"opened"}`), e.Body))
	require.Equal(t, event.Request{
		Method: "POST", Path: "/in/github", Query: "a=1&b=%20", RemoteAddr: "203.0.113.7",
		Header: []event.Field{
			{Name: "Content-Type", Value: "application/json"},
			{Name: "Host", Value: "hooks.example"},
			{Name: "Via", Value: "one"},
			{Name: "Via", Value: "two"},
			{Name: "X-Github-Delivery", Value: "d-1"},
			{Name: "X-Github-Event", Value: "push"},
			{Name: "X-Hub-Signature-256", Value: sign(`{"action":"opened"}`)},
		},
	}, e.Request)
	require.EqualValues(t, 1, b.count(t, "penstock.accepted", "github"))
}

func TestTheReplyIsTheProvidersOwnOrNamesTheEvent(t *testing.T) {
	t.Parallel()
	b := setup(t, "  open: {open: true}\n"+githubSource)
	answer := b.accepted(t, github("{}"))
	require.Equal(t, http.StatusOK, answer.Status)
	require.Empty(t, answer.Body)

	answer = b.accepted(t, request("open", "{}"))
	require.Equal(t, http.StatusAccepted, answer.Status)
	require.Equal(t, "application/json", answer.ContentType)
	var reply map[string]string
	require.NoError(t, json.Unmarshal(answer.Body, &reply))
	require.Equal(t, map[string]string{"id": answer.EventID}, reply)
}

func TestAFailedPublishIsNeverAnAcceptedEvent(t *testing.T) {
	t.Parallel()
	for reason, err := range map[string]error{
		"broker-unavailable": amqpx.ErrUnavailable,
		"broker-unroutable":  amqpx.ErrReturned,
		"broker-refused":     amqpx.ErrNacked,
		"broker-unconfirmed": amqpx.ErrUnknown,
		"broker-error":       errors.New("something else"),
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			b := setup(t, githubSource)
			b.publisher.answer = func(context.Context) error { return fmt.Errorf("publish: %w", err) }
			refusal := b.refused(t, github("{}"))
			require.Equal(t, ingest.KindUnavailable, refusal.Kind)
			require.Equal(t, reason, refusal.Reason)
			require.Positive(t, refusal.RetryAfter)
			require.ErrorIs(t, refusal, err)
			require.EqualValues(t, 1, b.count(t, "penstock.refused", "github/"+reason))
			require.Zero(t, b.count(t, "penstock.accepted", "github"))
		})
	}
}

func TestAPublishIsGivenNoLongerThanTheSenderWaits(t *testing.T) {
	t.Parallel()
	b := setup(t, "  open: {open: true}\n  slack: {provider: slack, secrets: ['${S}']}")
	for source, want := range map[string]time.Duration{"open": 5 * time.Second, "slack": 2400 * time.Millisecond} {
		b.publisher.got = nil
		b.accepted(t, signedFor(source, "{}"))
		require.InDelta(t, want, time.Until(b.publisher.events()[0].deadline), float64(time.Second), source)
	}
	b.publisher.got = nil
	late := signedFor("slack", `{"late":true}`)
	late.Arrived = time.Now().Add(-time.Minute)
	b.accepted(t, late)
	require.WithinDuration(t, time.Now(), b.publisher.events()[0].deadline, time.Second)
}

// signedFor returns a request that the source takes.
func signedFor(source, body string) *ingest.Request {
	if source != "slack" {
		return request(source, body)
	}
	now := strconv.FormatInt(time.Now().Unix(), 10)
	signature := strings.Replace(sign("v0:"+now+":"+body), "sha256=", "v0=", 1)
	return request(source, body, "X-Slack-Request-Timestamp", now, "X-Slack-Signature", signature)
}

func TestASenderThatHangsUpStopsNoPublish(t *testing.T) {
	t.Parallel()
	b := setup(t, "  open: {open: true}")
	ctx, hangUp := context.WithCancel(t.Context())
	b.publisher.answer = func(ctx context.Context) error { hangUp(); return ctx.Err() }
	_, err := b.Serve(ctx, request("open", "{}"))
	require.NoError(t, err)
}

func TestAMessageThatABrokerWouldRefuseIsNotSent(t *testing.T) {
	t.Parallel()
	b := setup(t, "  open: {open: true, maxBody: 20MiB}")
	noise := make([]byte, ingest.MaxMessage+1)
	_, err := rand.NewChaCha8([32]byte{}).Read(noise)
	require.NoError(t, err)
	refusal := b.refused(t, request("open", string(noise)))
	require.Equal(t, ingest.KindTooLarge, refusal.Kind)
	require.Equal(t, "message-too-large", refusal.Reason)

	// What compresses well fits.
	b.accepted(t, request("open", strings.Repeat("x", ingest.MaxMessage+1)))

	refusal = b.refused(t, request("open", "{}", "X-Long", strings.Repeat("x", event.MaxRequest)))
	require.Equal(t, ingest.KindHeadersTooLarge, refusal.Kind)
}

func TestAnEventWithoutAProvidersIDIsNamedByItsBody(t *testing.T) {
	t.Parallel()
	b := setup(t, `  custom: {scheme: {alg: none, id: "header:x-id", type: "header:x-type"}, open: true}`)
	b.accepted(t, request("custom", "{}"))
	b.accepted(t, request("custom", "{}", "X-Id", strings.Repeat("i", 256)))
	b.accepted(t, request("custom", "{}", "X-Id", strings.Repeat("i", 255), "X-Type", "a b..c#"))

	got := b.publisher.events()
	require.Equal(t, "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", got[0].event.ProviderID)
	require.Equal(t, event.Untyped, got[0].event.Type)
	require.Len(t, got[1].event.ProviderID, 64)
	require.Equal(t, strings.Repeat("i", 255), got[2].event.ProviderID)
	require.Equal(t, "a_b.c_", got[2].Type)
}
