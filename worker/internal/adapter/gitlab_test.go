package adapter_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/account/accounttest"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/worker/internal/adapter"
)

// lab is a GitLab with an adapter of its project's webhook.
func lab(t *testing.T, o accounttest.Options) (*accounttest.GitLab, adapter.Adapter) {
	t.Helper()
	o.Token = token
	g := accounttest.NewGitLab(o)
	return g, adapterOf(t, "gitlab", kind{g, map[string]string{"project": "acme/shop", "hook": "1"}, "token"})
}

// A placeholder would be delivered in its place, with its id.
func TestWhatGitLabHasNotKeptIsNeitherResentNorFetched(t *testing.T) {
	t.Parallel()
	arrived := 0
	g, a := lab(t, accounttest.Options{Deliver: func(accounttest.Delivery) int { arrived++; return 0 }})
	g.TooLarge = 1
	id := g.Happen("Push Hook")
	page, err := a.List(t.Context(), wide())
	require.NoError(t, err)
	one := page.Sent[0]
	require.Equal(t, id, one.ID, "it is seen all the same")
	require.Nil(t, one.Delivery)
	require.Equal(t, adapter.Gone, adapter.TroubleOf(a.Redeliver(t.Context(), one)))
	_, err = a.Fetch(t.Context(), one)
	require.Equal(t, adapter.Gone, adapter.TroubleOf(err))
	require.Equal(t, 1, arrived)
}

func TestAFetchedEventOfGitLabHasNothingThatWasReplaced(t *testing.T) {
	t.Parallel()
	g, a := lab(t, accounttest.Options{Deliver: failing})
	g.Happen("Push Hook")
	page, err := a.List(t.Context(), wide())
	require.NoError(t, err)
	require.Equal(t, "Push_Hook", page.Sent[0].Type)
	names := []string{}
	for _, f := range page.Sent[0].Delivery.Header {
		names = append(names, f.Name)
		require.NotContains(t, f.Value, "REDACTED")
	}
	require.Subset(t, names, []string{"Content-Type", "Idempotency-Key", "X-Gitlab-Event"})
	require.NotContains(t, names, "X-Gitlab-Token")
}

func TestAResentEventThatWasNotAnsweredWasSentAllTheSame(t *testing.T) {
	t.Parallel()
	g, a := lab(t, accounttest.Options{Deliver: func(accounttest.Delivery) int { return 0 }})
	g.Happen("Push Hook")
	page, err := a.List(t.Context(), wide())
	require.NoError(t, err)
	for range 5 {
		require.NoError(t, a.Redeliver(t.Context(), page.Sent[0]))
	}
	require.Equal(t, adapter.Limited, adapter.TroubleOf(a.Redeliver(t.Context(), page.Sent[0])), "five a minute")
}

func TestGitLabSaysWhatItsTokenMay(t *testing.T) {
	t.Parallel()
	g, a := lab(t, accounttest.Options{Deliver: failing})
	g.Disables, g.ReadOnly = 1, true
	g.Happen("Push Hook")
	r, err := a.Check(t.Context())
	require.NoError(t, err)
	require.False(t, r.Subscription.Active)
	require.Equal(t, []string{"issues_events", "push_events"}, r.Subscription.Types)
	require.Equal(t, []string{"read_api"}, r.Rights)
	require.False(t, *r.MayAsk)
	require.Equal(t, time.Date(2031, 1, 31, 0, 0, 0, 0, time.UTC), r.Expires)
	require.Equal(t, adapter.Forbidden, adapter.TroubleOf(a.Redeliver(t.Context(), adapter.Sent{Ref: "1"})))
}

func TestAGitLabThatListsNoTimeIsUnreadable(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`[{"id": 1, "request_headers": {"Idempotency-Key": "a"}, "request_data": {}, "response_status": "200"}]`))
	}))
	transport := &http.Transport{}
	t.Cleanup(func() { transport.CloseIdleConnections(); server.Close() })
	a, err := adapter.New(&config.Account{
		Name: "one", Provider: "gitlab", URL: server.URL, Settings: map[string]string{"group": "acme", "hook": "1"},
		Credentials: map[string]config.Secret{"token": config.NewSecret(token)},
	}, transport, time.Now)
	require.NoError(t, err)
	_, err = a.List(t.Context(), wide())
	require.Equal(t, adapter.Unreadable, adapter.TroubleOf(err))
	require.ErrorContains(t, err, "upgrade")
}
