package api_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/penstock/penstock/worker/internal/api"
)

// answerTo asks with a token, by the name of a host.
func (b *bench) answerTo(path, host string) (int, string) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.url+path, nil)
	require.NoError(b.t, err)
	r.Header.Set("Authorization", "Bearer reader-secret")
	if host != "" {
		r.Host = host
	}
	res, err := http.DefaultClient.Do(r)
	require.NoError(b.t, err)
	defer func() { require.NoError(b.t, res.Body.Close()) }()
	body, err := io.ReadAll(res.Body)
	require.NoError(b.t, err)
	return res.StatusCode, string(body)
}

func TestAMisspeltParameterIsNamedWithTheNearest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for path, want := range map[string]string{
		"/api/v1/events?sorce=shop":          `There is no parameter \"sorce\" here, did you mean source? It takes`,
		"/api/v1/events?state=dead&Route=x":  `did you mean route?`,
		"/api/v1/events/count?limit=1":       `There is no parameter \"limit\" here`,
		"/api/v1/events/stream?sorce=shop":   `did you mean source?`,
		"/api/v1/dead-letters?resaon=x":      `did you mean reason?`,
		"/api/v1/sources?source=shop":        `It takes none.`,
		"/api/v1/events/x?verbose=1":         `It takes none.`,
		"/api/v1/me?token=reader-secret":     `It takes none.`,
		"/api/v1/audit?curser=x":             `did you mean cursor?`,
		"/api/v1/ledger/missing?unknown=yes": `There is no parameter \"unknown\" here. It takes`,
	} {
		status, body := b.answerTo(path, "")
		require.Equal(t, http.StatusBadRequest, status, "%s: %s", path, body)
		require.Contains(t, body, want, path)
	}
	status, body := b.answerTo("/api/v1/events?source=shop&type=invoice.*&route=invoices&state=dead&limit=5", "")
	require.Equal(t, http.StatusOK, status, body)
}

func TestAnOpenAPIAnswersToItsOwnNamesOnly(t *testing.T) {
	t.Parallel()
	open := setup(t, func(o *api.Options) {
		guard, err := api.NewGuard("", true, zap.NewNop())
		require.NoError(t, err)
		o.Guard, o.Names = guard, []string{"penstock.example"}
	})
	closed := setup(t)
	for host, want := range map[string]int{
		"": http.StatusOK, "localhost:8090": http.StatusOK, "127.0.0.1": http.StatusOK, "[::1]:8090": http.StatusOK, "10.0.0.7": http.StatusOK,
		"tracker:8090": http.StatusOK, "penstock.example": http.StatusOK, "Penstock.Example.:8090": http.StatusOK,
		"evil.example": http.StatusMisdirectedRequest, "evil.example:8090": http.StatusMisdirectedRequest,
		"localhost.evil.example": http.StatusMisdirectedRequest, "penstock.example.evil.example": http.StatusMisdirectedRequest,
	} {
		status, body := open.answerTo("/api/v1/events", host)
		require.Equal(t, want, status, "%s: %s", host, body)
		if want != http.StatusOK {
			require.Contains(t, body, "PENSTOCK_CONSOLE_URL")
		}
		status, _ = closed.answerTo("/api/v1/events", host)
		require.Equal(t, http.StatusOK, status, "a token says enough: %s", host)
	}
}
