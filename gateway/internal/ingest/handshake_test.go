package ingest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

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
