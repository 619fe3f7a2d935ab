package console_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/api"
)

func TestEveryPageAnswersWithAndWithoutEvents(t *testing.T) {
	t.Parallel()
	for _, filled := range []bool{false, true} {
		b := setup(t)
		b.enter("writer")
		if filled {
			b.happen(1, "invoice.paid", status.Dead, `{"amount": 1}`)
		}
		for _, path := range []string{
			"/", "/?over=24h", "/events", "/incidents", "/incidents?state=all&kind=delivery-failing&route=invoices", "/incidents/incident-1", "/dead", "/jobs", "/jobs/job-1", "/routes", "/routes/invoices", "/destinations", "/sources",
			"/sources/shop", "/add", "/add?find=strip", "/add?find=no-such-provider", "/gaps", "/ledger", "/audit",
		} {
			got := b.get("/console" + path)
			require.Equal(t, http.StatusOK, got.StatusCode, "%s: %s", path, got.body)
			require.Contains(t, got.body, "</html>", path)
		}
	}
}

func TestTheLedgerDoesNotClaimWhatNobodyHasJudged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("reader")
	require.Contains(t, b.get("/console/ledger").body, "for the first time")
	b.operations.ledger.AsOf = start
	stale := b.get("/console/ledger").body
	require.Contains(t, stale, "Not known since")
	require.NotContains(t, stale, "Everything is accounted for")
	b.operations.ledger.Known = true
	require.Contains(t, b.get("/console/ledger").body, "Everything is accounted for")
}

func TestTheHelpForEveryProviderAnswers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("reader")
	for _, p := range provider.All() {
		got := b.get("/console/add/" + p.ID + "?name=my-source")
		require.Equal(t, http.StatusOK, got.StatusCode, p.ID)
		require.Contains(t, got.body, "https://hooks.example.com/in/my-source", p.ID)
	}
}

func TestWhatIsNotThereSaysSo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("reader")
	for _, path := range []string{"/events/0199d3c4-7a51-7cc1-8f0a-000000000009", "/jobs/none", "/incidents/none", "/routes/none", "/sources/none", "/add/none", "/nonsense", "/events/x/payload"} {
		got := b.get("/console" + path)
		require.Equal(t, http.StatusNotFound, got.StatusCode, path)
		require.Contains(t, got.body, "There is no such page", path)
	}
}

func TestWhatWasRefusedIsShownWithItsReasons(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enter("reader")
	require.Contains(t, b.get("/console/sources/shop").body, "None within the last day")
	b.operations.sources[0].Refusals = []api.Refusal{{Reason: "mismatch", Count: 1200, LastAt: start}, {Reason: "stale", Count: 34, LastAt: start}}
	page := b.get("/console/sources/shop").body
	require.Contains(t, page, "wrong secret, or a proxy changed the request")
	require.Contains(t, page, "signed too long ago")
	require.Contains(t, page, "1\u202f234 within the last day")
	require.Contains(t, b.get("/console/sources").body, `<a href="/console/sources/shop#refused">1`+"\u202f"+`234</a>`)
}
