package console_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/worker/internal/api"
)

func TestTheGapsPageShowsWhatIsMissingAndRecoversIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	reason, trouble := "gone", "unauthorized"
	b.operations.accounts = []api.Account{
		{Name: "hub", Source: "shop", Provider: "github", Configured: true, Missing: 2, Lost: 1, Sent: 3, Findings: []api.AccountFinding{{Kind: "disabled", Text: "It is <disabled>.", At: start}}},
		{Name: "pay", Source: "quiet", Provider: "stripe", Configured: true, Trouble: &trouble, TroubleAt: &start, Findings: []api.AccountFinding{}},
	}
	b.operations.sent = []api.Sent{{Event: "e-1", Type: "push", At: start, State: "lost", Tries: 3, Reason: &reason}}
	b.enter("reader")
	page := b.get("/console/gaps").body
	for _, text := range []string{"2 missing", "It is &lt;disabled&gt;.", "Not known", "unauthorized", "e-1", "gone"} {
		require.Contains(t, page, text)
	}
	require.NotContains(t, page, "/gaps/hub/recover")
	require.Equal(t, http.StatusForbidden, b.post("/console/gaps/hub/recover", url.Values{}).StatusCode)
	require.Empty(t, b.operations.recovered)

	b.enter("writer")
	require.Contains(t, b.get("/console/gaps").body, "/gaps/hub/recover")
	b.post("/console/gaps/hub/recover", url.Values{})
	require.Equal(t, []string{"hub"}, b.operations.recovered)
	require.Contains(t, b.operations.by, "writer")
}
