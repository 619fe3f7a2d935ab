package ingest_test

import (
	"net/url"
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

func TestATokenDoesNotTravelWithTheEvent(t *testing.T) {
	t.Parallel()
	b := setup(t, `
  gitlab: {provider: gitlab, secrets: ["${S}"]}
  mail: {provider: mailchimp, secrets: ["${S}"], config: {query: key}}`)
	b.accepted(t, request("gitlab", "{}", "X-Gitlab-Token", secret, "X-Gitlab-Event", "Push Hook", "X_Gitlab_Token", "other"))
	e := b.publisher.events()[0].event
	require.Empty(t, e.Request.Get("X-Gitlab-Token"))
	require.Empty(t, e.Request.Get("X_Gitlab_Token"))
	require.Equal(t, "Push Hook", e.Request.Get("X-Gitlab-Event"))

	r := request("mail", "type=subscribe")
	r.HTTP.URL.RawQuery = "a=1&key=" + url.QueryEscape(secret)
	b.accepted(t, r)
	require.Equal(t, "a=1", b.publisher.events()[1].event.Request.Query)
}

func TestAFieldThatAReceiverWouldTakeForAnotherOneDoesNotTravel(t *testing.T) {
	t.Parallel()
	b := setup(t, `
  github: {provider: github, secrets: ["${S}"]}`)
	b.accepted(t, github("{}", "Penstock_Source", "x", "X_Forwarded_For", "x", "Webhook_Signature", "x", "X_Hub_Signature_256", "x", "Own_Name", "kept"))
	e := b.publisher.events()[0].event
	for _, name := range []string{"Penstock_Source", "X_Forwarded_For", "Webhook_Signature", "X_Hub_Signature_256"} {
		require.Empty(t, e.Request.Get(name), name)
	}
	require.Equal(t, "kept", e.Request.Get("Own_Name"))
	require.Equal(t, sign("{}"), e.Request.Get("X-Hub-Signature-256"))
}
