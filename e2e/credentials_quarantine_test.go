package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The quarantine keeps the token, or nothing could be judged again; the event that comes out
// of it does not.
func TestATokenThatAWrongSecretRefusedIsRescuedAndGoesNoFurther(t *testing.T) {
	t.Parallel()
	const token = "private-token-of-gitlab"
	w := setupWard(t, "mistyped")
	w.configure(strings.NewReplacer("SECRET", w.secret, "github", "gitlab").Replace(quarantining))
	w.startGateway()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+"/in/gitlab", strings.NewReader("{}"))
	require.NoError(t, err)
	req.Header.Set("X-Gitlab-Token", token)
	req.Header.Set("X-Gitlab-Event", "Push Hook")
	a, err := do(w.client, req)
	require.NoError(t, err)
	require.Equal(t, http.StatusUnauthorized, a.status)
	require.Eventually(t, func() bool { return len(w.quarantine("list")) == 1 }, 60*time.Second, 100*time.Millisecond)
	for _, format := range []string{"table", "json", "yaml"} {
		shown := w.penstock(map[string]string{"PENSTOCK_AMQP_URLS": w.rescuer}, "quarantine", "list", "--output", format)
		require.NotContains(t, shown, token, format)
	}
	w.mend(t, token)
	require.Equal(t, []string{"valid"}, w.verdicts("verify"))
	require.Equal(t, []string{"released"}, w.verdicts("replay"))
	got := w.receiver.await(w.quarantine("list")[0].ID, 1)[0]
	require.Equal(t, "Push Hook", got.header.Get("X-Gitlab-Event"))
	require.Empty(t, got.header.Get("X-Gitlab-Token"))
}
