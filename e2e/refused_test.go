package e2e

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWhatAGatewayRefusesIsShownByTheTrackerBySourceAndReason(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	gateway := s.startGateway()
	tracker := s.startTracker()
	refuse := func(times int) {
		for n := range times {
			e := newGithubEvent(n)
			e.secret = "not the secret"
			require.Equal(t, http.StatusUnauthorized, s.post(e).status)
		}
	}
	refuse(3)
	require.Eventually(t, func() bool { return tracker.refused("github") == 3 }, time.Minute, 100*time.Millisecond)
	refuse(2)
	gateway.stop() // which tells the rest
	require.Eventually(t, func() bool { return tracker.refused("github") == 5 }, time.Minute, 100*time.Millisecond)
}

// refused returns how many requests of a source were refused, for its only reason.
func (t *tracker) refused(source string) int {
	var shown struct {
		Refusals []struct {
			Reason string `json:"reason"`
			Count  int    `json:"count"`
		} `json:"refusals"`
	}
	if status, body := t.ask("/sources/" + source); status == http.StatusOK {
		require.NoError(t.t, json.Unmarshal(body, &shown))
	}
	require.LessOrEqual(t.t, len(shown.Refusals), 1)
	for _, r := range shown.Refusals {
		require.NotEmpty(t.t, r.Reason)
		return r.Count
	}
	return 0
}
