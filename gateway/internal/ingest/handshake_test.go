package ingest_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/penstock/penstock/gateway/internal/ingest"
)

const metaSource = "  meta: {provider: meta, secrets: ['${S}'], config: {verify_token: '${S}'}}"

func challenge(query string) *ingest.Request {
	r := request("meta", "")
	r.HTTP.Method, r.HTTP.Body, r.HTTP.URL.RawQuery = http.MethodGet, http.NoBody, query
	return r
}

func TestAnUnsignedQuestionIsAnsweredAndIsNoEvent(t *testing.T) {
	t.Parallel()
	b := setup(t, metaSource)
	answer, err := b.Serve(t.Context(), challenge("hub.mode=subscribe&hub.challenge=1158&hub.verify_token=It%27s+a+Secret+to+Everybody"))
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, answer.Status)
	require.Equal(t, "1158", string(answer.Body))
	require.Empty(t, answer.EventID)
	require.Empty(t, b.publisher.events())
	require.EqualValues(t, 1, b.count(t, "penstock.handshakes", "meta"))
}

func TestAQuestionWithTheWrongTokenIsNotAnswered(t *testing.T) {
	t.Parallel()
	b := setup(t, metaSource)
	answer, err := b.Serve(t.Context(), challenge("hub.mode=subscribe&hub.challenge=1158&hub.verify_token=wrong"))
	require.NoError(t, err)
	require.Equal(t, http.StatusForbidden, answer.Status)
	require.Empty(t, answer.Body)
}

func TestAHandshakesMethodBringsNoEvents(t *testing.T) {
	t.Parallel()
	b := setup(t, metaSource)
	r := challenge("other=question")
	r.HTTP.Header.Set("X-Hub-Signature-256", sign(""))
	require.Equal(t, "not-a-handshake", b.refused(t, r).Reason)
	require.Empty(t, b.publisher.events())
}

func TestASignedQuestionIsAnsweredOnlyWhenAuthentic(t *testing.T) {
	t.Parallel()
	b := setup(t, "  slack: {provider: slack, secrets: ['${S}']}")
	question := `{"type":"url_verification","challenge":"3eZbrw"}`
	require.Equal(t, ingest.KindUnauthorized, b.refused(t, request("slack", question)).Kind)

	answer, err := b.Serve(t.Context(), signedFor("slack", question))
	require.NoError(t, err)
	require.Equal(t, "3eZbrw", string(answer.Body))
	require.Empty(t, b.publisher.events())
}

func TestUnsignedQuestionsAreRateLimited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // no time passes
		b := setup(t, "  notion: {provider: notion, pending: true}")
		answered := 0
		var refusal *ingest.Refusal
		for refusal == nil {
			require.Less(t, answered, 1000, "never refused")
			if _, err := b.Serve(t.Context(), offer("notion")); err != nil {
				require.ErrorAs(t, err, &refusal)
				continue
			}
			answered++
		}
		require.GreaterOrEqual(t, answered, 20)
		require.Equal(t, ingest.KindRateLimited, refusal.Kind)
		require.Equal(t, "handshake-rate-limited", refusal.Reason)
		require.Positive(t, refusal.RetryAfter)
		require.LessOrEqual(t, refusal.RetryAfter, time.Second/10)
		require.Equal(t, answered, b.read(t, "notion").Handshakes, "what is refused is not captured")

		b.load(t, "  notion: {provider: notion, pending: true, maxBody: 1KiB}")
		b.refused(t, offer("notion"))
	})
}

func TestTheSourcesOwnRateTakesTheDefaultsPlace(t *testing.T) {
	t.Parallel()
	b := setup(t, "  notion: {provider: notion, pending: true, rateLimit: 40/h}")
	for range 40 {
		_, err := b.Serve(t.Context(), offer("notion"))
		require.NoError(t, err)
	}
	require.Equal(t, "rate-limited", b.refused(t, offer("notion")).Reason)
}

func TestSignedEventsAreNotLimitedAsQuestionsAre(t *testing.T) {
	t.Parallel()
	b := setup(t, githubSource)
	for range 100 {
		b.accepted(t, github("{}"))
	}
}

func TestADrainWithoutASignatureShowsInTheLogAndTheMetric(t *testing.T) {
	t.Parallel()
	core, lines := observer.New(zap.InfoLevel)
	limits := ingest.Limits{Requests: ingest.NewBudget(100), Bytes: ingest.NewBudget(64 << 20)}
	publisher := new(fakePublisher)
	b := setupWhole(t, "  drain: {provider: vercel-log-drain, secrets: ['${S}'], config: {verify_token: '${S}'}}", limits, publisher, zap.New(core))
	for range 3 {
		answer, err := b.Serve(t.Context(), request("drain", `[{"message":"sent"}]`))
		require.NoError(t, err)
		require.Equal(t, secret, answer.Header["X-Vercel-Verify"])
	}
	require.Empty(t, publisher.events())
	require.EqualValues(t, 3, b.count(t, "penstock.handshakes", "drain"))
	require.Len(t, lines.All(), 1, "now and then, not for each")
	require.Equal(t, map[string]any{"source": "drain", "kind": "unsigned", "status": int64(200)}, lines.All()[0].ContextMap())

	wrong := request("drain", `[]`, "X-Vercel-Signature", "00")
	require.Equal(t, ingest.KindUnauthorized, b.refused(t, wrong).Kind, "what carries a signature is no question")
}
