package e2e

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A receiver that runs behind CGI, WSGI, Rack or PHP takes "Penstock_Source" for
// "Penstock-Source".
func TestNoHeaderFieldOfAStrangerPassesForAnotherOne(t *testing.T) {
	t.Parallel()
	s := setup(t, strings.Replace(plain, "timeout: 5s", `timeout: 5s, headers: {X-Environment: production}`, 1))
	s.startGateway()
	s.startDeliverer()
	req, err := newGithubEvent(1).request(t.Context(), s.url+"/in/github")
	require.NoError(t, err)
	for _, name := range []string{
		"Penstock_Source", "PENSTOCK_EVENT_ID", "Penstock.Attempt", "Penstock-Event_Type", "X_Forwarded_For", "X-Forwarded_Proto", "X_Real_IP",
		"Webhook_Signature", "Webhook_Id", "X_Hub_Signature_256", "X_Github_Event", "X_Environment", "Proxy_Authorization",
	} {
		req.Header[name] = []string{"forged"}
	}
	req.Header.Set("Own_name", "kept")
	a, err := do(s.client, req)
	require.NoError(t, err)
	require.Less(t, a.status, 300, a.body)
	got := s.receiver.await(a.eventID(), 1)[0]
	for name, values := range got.header {
		require.NotContains(t, values, "forged", name)
	}
	require.Equal(t, "kept", got.header.Get("Own_name"))
	require.Equal(t, "github", got.header.Get("Penstock-Source"))
	require.Equal(t, "production", got.header.Get("X-Environment"))
	require.Equal(t, req.Header.Get("X-Hub-Signature-256"), got.header.Get("X-Hub-Signature-256"))
}
