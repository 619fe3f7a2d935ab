package e2e

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// openConsole posts a form to a page of the console, or gets it without one.
func (t *tracker) openConsole(test *testing.T, path string, form url.Values) (status int, page string) {
	test.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	address := strings.TrimSuffix(t.url, "/api/v1") + "/console" + path
	r, err := http.NewRequestWithContext(test.Context(), method, address, strings.NewReader(form.Encode()))
	require.NoError(test, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	answer, err := http.DefaultClient.Do(r)
	require.NoError(test, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(test, err)
	return answer.StatusCode, string(body)
}

// An operator who has the new secret sees in the console why the requests were refused, verifies them
// with it, and replays them. The tracker has no secret of the source, and keeps none.
func TestWhatAWrongSecretRefusedIsRescuedInTheConsole(t *testing.T) {
	t.Parallel()
	w := setupWard(t, "mistyped")
	w.startGateway()
	tracker := w.startTracker()
	first, again, stranger := newGithubEvent(1), newGithubEvent(1), newGithubEvent(2)
	stranger.secret = "a guess"
	w.refused(first, again, stranger)
	require.Eventually(t, func() bool { return len(w.quarantine("list")) == 3 }, 60*time.Second, 100*time.Millisecond)
	kept := w.quarantine("list")
	status, page := tracker.openConsole(t, "/quarantine", nil)
	require.Equal(t, http.StatusOK, status, page)
	for _, q := range kept {
		require.Contains(t, page, "/console/quarantine/"+q.ID)
	}
	_, page = tracker.openConsole(t, "/quarantine/"+kept[0].ID, nil)
	require.Contains(t, page, "another secret made it")
	require.Contains(t, page, "signature in the header X-Hub-Signature-256")

	form := func(act, secret string) url.Values {
		return url.Values{"source": {"github"}, "within": {"1h"}, "act": {act}, "secret": {secret}}
	}
	_, page = tracker.openConsole(t, "/quarantine/"+kept[0].ID, form("verify", githubSecret+" "))
	require.Contains(t, page, "The secret has white space around it.")
	_, page = tracker.openConsole(t, "/quarantine", form("verify", githubSecret))
	for _, verdict := range []string{"valid<small>1", "copy<small>1", "mismatch<small>1"} {
		require.Contains(t, page, verdict)
	}
	require.Empty(t, w.receiver.of(kept[0].ID), "verifying publishes nothing")

	status, page = tracker.openConsole(t, "/quarantine", form("replay", githubSecret))
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, page, "released<small>1")
	w.requireDelivered(kept[0].ID, first)
	_, page = tracker.openConsole(t, "/quarantine", form("replay", githubSecret))
	require.Contains(t, page, "released before<small>1")
	tracker.awaitClosed(1)

	require.Contains(t, w.penstock(tracker.operator(), "audit"), "release")
	require.NotContains(t, tracker.log.String(), githubSecret)
	require.NotContains(t, page, githubSecret)
}
