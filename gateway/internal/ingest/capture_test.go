package ingest_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCredentialsDoNotTravelWithTheEvent(t *testing.T) {
	t.Parallel()
	b := setup(t, `
  partner:
    auth:
      - apiKey: {query: key, keys: [{name: acme, sha256: "`+letmein+`"}]}
      - basic: {users: [{name: acme, sha256: "`+letmein+`"}]}`)
	r := request("partner", "{}", "X-Kept", "yes")
	r.HTTP.SetBasicAuth("acme", "letmein")
	r.HTTP.URL.RawQuery = "a=1&k%65y=letmein&b=2&key2=kept"
	b.accepted(t, r)

	e := b.publisher.events()[0].event
	require.Equal(t, "a=1&b=2&key2=kept", e.Request.Query)
	require.Empty(t, e.Request.Get("Authorization"))
	require.Equal(t, "yes", e.Request.Get("X-Kept"))
}

func TestWhatTheSignatureSchemeLooksAtTravelsWithTheEvent(t *testing.T) {
	t.Parallel()
	b := setup(t, `
  both:
    auth: [{apiKey: {header: X-Shared, keys: [{name: acme, sha256: "`+letmein+`"}]}}]
    scheme: {alg: hmac-sha256, sig: "header:x-sig", msg: "{header:x-shared}.{body}"}
    secrets: ["${S}"]`)
	b.accepted(t, request("both", "{}", "X-Shared", "letmein", "X-Sig", sign("letmein.{}")[len("sha256="):]))
	require.Equal(t, "letmein", b.publisher.events()[0].event.Request.Get("X-Shared"))
}
