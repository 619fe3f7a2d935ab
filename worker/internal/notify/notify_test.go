package notify_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/worker/internal/store"
)

func TestAWebhookIsSignedAndSentOnTransitionsOnly(t *testing.T) {
	t.Parallel()
	b, c := setup(t), newChannel(t)
	n := b.notifier(fmt.Sprintf(`  channels: {hook: {webhook: {url: "%s/hook", secrets: ["${SIGN}"]}, caFile: %s}}`, c.server.URL, c.ca))
	b.fail(1, "the customer Ann is unknown")
	b.look(n)
	b.fail(2, "the customer Ann is unknown")
	b.look(n)
	all := c.taken()
	require.Len(t, all, 1, "a further failure is no transition")
	verifier, err := standardwebhooks.NewWebhook(signingSecret)
	require.NoError(t, err)
	require.NoError(t, verifier.Verify(all[0].body, all[0].header))
	body := all[0].json(t)
	require.Equal(t, "incident.changed", body["type"])
	change := body["changes"].([]any)[0].(map[string]any)
	require.Equal(t, "opened", change["change"])
	require.Equal(t, "https://penstock.example/console/incidents/"+b.only().ID, change["incident"].(map[string]any)["url"])
	require.NotContains(t, string(all[0].body), "Ann", "an answer may quote an event")

	require.NoError(t, b.ResolveIncident(t.Context(), b.only().ID, "ops", b.clock()))
	b.look(n)
	require.Contains(t, string(c.taken()[1].body), `"change":"resolved"`)
	notices, err := b.Notices(t.Context(), "hook", 0, 10)
	require.NoError(t, err)
	require.Len(t, notices, 2)
	require.Equal(t, store.NoticeSent, notices[0].State)
}

func TestSlackAndTeamsGetWhatTheyTake(t *testing.T) {
	t.Parallel()
	b, c := setup(t), newChannel(t)
	slack, teams := b.file(c.server.URL+"/slack"), b.file(c.server.URL+"/teams")
	n := b.notifier(fmt.Sprintf(`  channels:
    slack: {slack: {url: "file:%[1]s"}, caFile: %[3]s, payloads: true}
    teams: {teams: {url: "file:%[2]s"}, caFile: %[3]s}`, slack, teams, c.ca))
	b.fail(1, "<!channel> order 4711")
	b.look(n)
	by := map[string]taken{}
	for _, r := range c.taken() {
		by[r.path] = r
	}
	require.Len(t, by, 2)
	require.Contains(t, by["/slack"].json(t)["text"], "Opened: Deliveries of route invoices fail: rejected, HTTP 422")
	require.Contains(t, string(by["/slack"].body), `\u0026lt;!channel\u0026gt; order 4711`, "an answer mentions nobody")
	card := by["/teams"].json(t)["attachments"].([]any)[0].(map[string]any)
	require.Equal(t, "application/vnd.microsoft.card.adaptive", card["contentType"])
	require.NotContains(t, string(by["/teams"].body), "4711")
}

func TestPagerDutyTriggersAcknowledgesAndResolvesOneIncident(t *testing.T) {
	t.Parallel()
	b, c := setup(t), newChannel(t)
	n := b.notifier(fmt.Sprintf(`  channels: {oncall: {pagerduty: {routingKey: "${KEY}", url: "%s/v2/enqueue"}, caFile: %s}}`, c.server.URL, c.ca))
	b.fail(1, "no")
	b.look(n)
	require.NoError(t, b.AcknowledgeIncident(t.Context(), b.only().ID, "ops", b.clock()))
	b.look(n)
	require.NoError(t, b.ResolveIncident(t.Context(), b.only().ID, "ops", b.clock()))
	b.look(n)
	var actions []string
	for _, r := range c.taken() {
		event := r.json(t)
		require.Equal(t, "r0ut1ng", event["routing_key"])
		require.Equal(t, "penstock-"+b.only().ID, event["dedup_key"])
		payload := event["payload"].(map[string]any)
		require.Equal(t, "critical", payload["severity"])
		require.NotEmpty(t, payload["summary"])
		require.NotEmpty(t, payload["source"])
		actions = append(actions, event["event_action"].(string))
	}
	require.Equal(t, []string{"trigger", "acknowledge", "resolve"}, actions)
}

func TestRulesSayWhichIncidentsGoWhere(t *testing.T) {
	t.Parallel()
	b, c := setup(t), newChannel(t)
	n := b.notifier(fmt.Sprintf(`  channels:
    yes: {webhook: {url: "%[1]s/yes", secrets: ["${SIGN}"]}, caFile: %[2]s}
    other: {webhook: {url: "%[1]s/other", secrets: ["${SIGN}"]}, caFile: %[2]s}
  rules:
    - {channels: ["yes"], kinds: [delivery-failing], routes: [invoices], severities: [critical]}
    - {channels: [other], kinds: [backlog-age]}
    - {channels: [other], severities: [warning]}`, c.server.URL, c.ca))
	b.fail(1, "no")
	b.look(n)
	require.Len(t, c.taken(), 1)
	require.Equal(t, "/yes", c.taken()[0].path)
}

func TestAChannelThatFailsIsTriedAgainLaterWithTheSameID(t *testing.T) {
	t.Parallel()
	b, c := setup(t), newChannel(t)
	c.answer = func(n int, w http.ResponseWriter) {
		if n < 3 {
			w.Header().Set("Retry-After", "60")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}
	n := b.notifier(fmt.Sprintf(`  channels: {hook: {webhook: {url: "%s", secrets: ["${SIGN}"]}, caFile: %s}}`, c.server.URL, c.ca))
	b.fail(1, "no")
	b.look(n)
	b.pass(59 * time.Second)
	b.look(n)
	require.Len(t, c.taken(), 1, "the channel asked for a pause")
	for range 3 {
		b.pass(61 * time.Second)
		b.look(n)
	}
	require.Len(t, c.taken(), 3)
	for _, r := range c.taken() {
		require.Equal(t, c.taken()[0].header.Get("Webhook-Id"), r.header.Get("Webhook-Id"))
	}
	notices, err := b.Notices(t.Context(), "hook", 0, 10)
	require.NoError(t, err)
	require.Equal(t, 3, notices[0].Attempts)
	require.Equal(t, store.NoticeSent, notices[0].State)
}

func TestChangesAreGatheredForADigestAndPastTheLimit(t *testing.T) {
	t.Parallel()
	b, c := setup(t), newChannel(t)
	n := b.notifier(fmt.Sprintf(`  channels: {hook: {webhook: {url: "%s", secrets: ["${SIGN}"]}, caFile: %s, digest: 5m, limit: 1}}`, c.server.URL, c.ca))
	b.fail(1, "one")
	b.look(n)
	b.fail(2, "two")
	b.pass(4 * time.Minute)
	b.look(n)
	require.Empty(t, c.taken())
	b.pass(time.Minute)
	b.look(n)
	require.Len(t, c.taken(), 1)
	require.Len(t, c.taken()[0].json(t)["changes"], 2)

	b.fail(3, "three")
	b.pass(30 * time.Minute)
	b.look(n)
	require.Len(t, c.taken(), 1, "one in an hour")
	b.fail(4, "four")
	b.pass(31 * time.Minute)
	b.look(n)
	require.Len(t, c.taken(), 2)
	require.Len(t, c.taken()[1].json(t)["changes"], 2, "nothing is forgotten")
}

func TestInQuietHoursOnlyCriticalIncidentsAreSent(t *testing.T) {
	t.Parallel()
	b, c := setup(t), newChannel(t) // it is 16:00 UTC
	n := b.notifier(fmt.Sprintf(`  channels: {hook: {webhook: {url: "%s", secrets: ["${SIGN}"]}, caFile: %s, quietHours: {from: "15:00", to: "07:00"}}}`, c.server.URL, c.ca))
	require.NoError(t, b.Apply(t.Context(), &store.Batch{Accepted: []store.Accepted{{ID: "e", Source: "shop", Type: "new", ReceivedAt: b.clock()}}}))
	b.look(n)
	require.Empty(t, c.taken())
	b.fail(1, "no")
	b.look(n)
	require.Len(t, c.taken(), 1)
	require.NotContains(t, string(c.taken()[0].body), "unrouted-type")
	b.pass(15 * time.Hour)
	b.look(n)
	require.Len(t, c.taken(), 2)
	require.Contains(t, string(c.taken()[1].body), "unrouted-type")
}

func TestAMutedIncidentIsNotNotifiedOf(t *testing.T) {
	t.Parallel()
	b, c := setup(t), newChannel(t)
	n := b.notifier(fmt.Sprintf(`  channels: {hook: {webhook: {url: "%s", secrets: ["${SIGN}"]}, caFile: %s}}`, c.server.URL, c.ca))
	b.fail(1, "no")
	require.NoError(t, b.MuteIncident(t.Context(), b.only().ID, "ops", b.clock().Add(time.Hour), b.clock()))
	b.look(n)
	require.Empty(t, c.taken())
	b.pass(2 * time.Hour)
	require.NoError(t, b.SettleIncidents(t.Context(), b.clock()))
	b.look(n)
	require.Contains(t, string(c.taken()[0].body), `"change":"unmuted"`)
}

func TestATestMessageSaysWhyAChannelDoesNotTakeIt(t *testing.T) {
	t.Parallel()
	b, c := setup(t), newChannel(t)
	secretURL := b.file(c.server.URL + "/T0KEN")
	n := b.notifier(fmt.Sprintf(`  channels:
    works: {slack: {url: "file:%[1]s"}, caFile: %[2]s}
    untrusted: {slack: {url: "file:%[1]s"}}
    metadata: {slack: {url: "file:%[3]s"}}`, secretURL, c.ca, b.file("http://169.254.169.254/T0KEN")))
	kind, err := n.Test(t.Context(), "works")
	require.NoError(t, err)
	require.Equal(t, "slack", kind)
	_, err = n.Test(t.Context(), "none")
	require.ErrorIs(t, err, store.ErrNotFound)
	for name, why := range map[string]string{"untrusted": "certificate", "metadata": "forbidden"} {
		_, err = n.Test(t.Context(), name)
		require.ErrorContains(t, err, why)
		require.NotContains(t, err.Error(), "T0KEN")
	}
	c.answer = func(_ int, w http.ResponseWriter) { w.WriteHeader(http.StatusForbidden) }
	_, err = n.Test(t.Context(), "works")
	require.EqualError(t, err, "the channel answered HTTP 403")
	require.True(t, strings.HasPrefix(c.taken()[0].path, "/T0KEN"))
}
