package ingest_test

import (
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/gateway/internal/ingest"
)

// guarded is a source that can refuse for every reason. The key is "letmein".
const guarded = `
  guarded:
    provider: github
    secrets: ["${SECRET}"]
    auth: [{apiKey: {header: X-API-Key, keys: [{name: acme, sha256: "` + letmein + `"}]}}]
    allowCIDRs: [203.0.113.0/24]
    maxBody: 64B
    rateLimit: 2/h
    contentTypes: [application/json]
`

const letmein = "1c8bfe8f801d79745c4631d09fff36c82aa37fc4cce4fc946683d7b336b63032"

func TestRefusalsComeCheapestFirst(t *testing.T) {
	t.Parallel()
	long := string(make([]byte, 65))
	type change func(*ingest.Request)
	steps := []struct {
		fix  change // applied together with all earlier ones
		kind ingest.Kind
	}{
		{func(*ingest.Request) {}, ingest.KindUnknownSource},
		{func(r *ingest.Request) { r.Name = "guarded" }, ingest.KindMethod},
		{func(r *ingest.Request) { r.HTTP.Method = http.MethodPost }, ingest.KindAddress},
		{func(r *ingest.Request) { r.Remote = netip.MustParseAddr("::ffff:203.0.113.9") }, ingest.KindTooLarge},
		{func(r *ingest.Request) { setBody(r, "{}") }, ingest.KindContentType},
		{func(r *ingest.Request) { r.HTTP.Header.Set("Content-Type", "Application/JSON; charset=utf-8") }, ingest.KindUnauthorized},
		{func(r *ingest.Request) { r.HTTP.Header.Set("X-Api-Key", "letmein") }, ingest.KindUnauthorized},
		{func(r *ingest.Request) { r.HTTP.Header.Set("X-Hub-Signature-256", sign("{}")) }, ""},
	}
	for i, step := range steps {
		r := request("nobody", long)
		r.HTTP.Method, r.Remote = http.MethodPut, netip.MustParseAddr("198.51.100.1")
		for _, s := range steps[:i+1] {
			s.fix(r)
		}
		b := setup(t, guarded)
		if step.kind == "" {
			b.accepted(t, r)
			continue
		}
		require.Equal(t, step.kind, b.refused(t, r).Kind, "step %d", i)
		require.Empty(t, b.publisher.events())
	}
}

func TestAWrongMethodIsToldTheRightOnes(t *testing.T) {
	t.Parallel()
	b := setup(t, "  meta: {provider: meta, secrets: ['${S}'], config: {verify_token: '${S}'}}")
	r := request("meta", "")
	r.HTTP.Method = http.MethodDelete
	require.Equal(t, []string{http.MethodGet, http.MethodPost}, b.refused(t, r).Allow)
}

func TestTheRateLimitSaysWhenToComeAgain(t *testing.T) {
	t.Parallel()
	b := setup(t, "  open: {open: true, rateLimit: 2/h}")
	for range 2 {
		b.accepted(t, request("open", "{}"))
	}
	for range 3 { // a refused request uses up nothing, so the wait does not grow
		refusal := b.refused(t, request("open", "{}"))
		require.Equal(t, ingest.KindRateLimited, refusal.Kind)
		require.InDelta(t, 30*time.Minute, refusal.RetryAfter, float64(time.Minute))
	}
}

func TestAReloadKeepsTheLimiterOfAnUnchangedRate(t *testing.T) {
	t.Parallel()
	b := setup(t, "  open: {open: true, rateLimit: 1/h}")
	b.accepted(t, request("open", "{}"))
	b.load(t, "  open: {open: true, rateLimit: 1/h, maxBody: 1KiB}")
	require.Equal(t, ingest.KindRateLimited, b.refused(t, request("open", "{}")).Kind)
	b.load(t, "  open: {open: true, rateLimit: 2/h}")
	b.accepted(t, request("open", "{}"))
}

func TestUnauthorizedSaysTheReasonToOperatorsOnly(t *testing.T) {
	t.Parallel()
	b := setup(t, "  github: {provider: github, secrets: ['${S}']}")
	missing := b.refused(t, request("github", "{}"))
	wrong := b.refused(t, request("github", "{}", "X-Hub-Signature-256", sign("{ }")))
	require.Equal(t, missing.Kind, wrong.Kind)
	require.NotEqual(t, missing.Reason, wrong.Reason)
	require.EqualValues(t, 1, b.count(t, "penstock.refused", "github/"+missing.Reason))
	require.EqualValues(t, 1, b.count(t, "penstock.refused", "github/"+wrong.Reason))
	require.EqualValues(t, 2, b.count(t, "penstock.received", "github"))
}

func TestATokenWhoseKeysCannotBeFetchedIsToComeAgain(t *testing.T) {
	t.Parallel()
	b := setup(t, `
  partner:
    auth: [{bearerJWT: {issuer: "https://idp.example", audience: penstock, jwksURL: "http://127.0.0.1:1/jwks"}}]`)
	token := "eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlIn0.c2ln"
	refusal := b.refused(t, request("partner", "{}", "Authorization", "Bearer "+token))
	require.Equal(t, ingest.KindUnavailable, refusal.Kind)
	require.Positive(t, refusal.RetryAfter)
}
