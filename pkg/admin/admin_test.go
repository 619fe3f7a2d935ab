package admin_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock/penstock/pkg/admin"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// setup starts an admin listener and returns it with a function that asks it.
func setup(t *testing.T, o admin.Options) (*admin.Server, func(path string) (int, string)) {
	t.Helper()
	o.Listen = "127.0.0.1:0"
	server, err := admin.Start(t.Context(), o)
	require.NoError(t, err)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	t.Cleanup(func() { require.NoError(t, server.Close(context.Background())) })
	return server, func(path string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+server.Addr().String()+path, nil)
		require.NoError(t, err)
		res, err := client.Do(req)
		require.NoError(t, err)
		defer func() { require.NoError(t, res.Body.Close()) }()
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		return res.StatusCode, string(body)
	}
}

func TestHealthNeverAsksTheChecks(t *testing.T) {
	t.Parallel()
	_, get := setup(t, admin.Options{Checks: []admin.Check{{Name: "broker", Ready: func() error { panic("asked") }}}})
	status, body := get("/healthz")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "ok\n", body)
}

func TestReadinessNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	var broken atomic.Bool
	server, get := setup(t, admin.Options{Checks: []admin.Check{
		{Name: "configuration", Ready: func() error { return nil }},
		{Name: "broker", Ready: func() error {
			if broken.Load() {
				return errors.New("no connection")
			}
			return nil
		}},
	}})

	status, body := get("/readyz")
	require.Equal(t, http.StatusOK, status)
	require.JSONEq(t, `{"ready":true,"checks":{"configuration":"ok","broker":"ok"}}`, body)
	require.True(t, server.Ready())

	broken.Store(true)
	status, body = get("/readyz")
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.JSONEq(t, `{"ready":false,"checks":{"configuration":"ok","broker":"no connection"}}`, body)
	require.False(t, server.Ready())

	broken.Store(false)
	server.Drain()
	status, body = get("/readyz")
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.JSONEq(t, `{"ready":false,"checks":{"configuration":"ok","broker":"ok","process":"stopping"}}`, body)
}

func TestWhatIsToleratedIsShownAndDoesNotCount(t *testing.T) {
	t.Parallel()
	_, get := setup(t, admin.Options{Checks: []admin.Check{
		{Name: "broker", Ready: func() error { return admin.Tolerate(errors.New("no connection; spooling")) }},
		{Name: "topology", Ready: func() error { return admin.Tolerate(nil) }},
	}})
	for _, path := range []string{"/readyz", "/readyz?verbose"} {
		status, body := get(path)
		require.Equal(t, http.StatusOK, status, path)
		require.JSONEq(t, `{"ready":true,"checks":{"broker":"no connection; spooling","topology":"ok"}}`, body, path)
	}
}

func TestMetricsAndProfilesAreServedWhenAskedFor(t *testing.T) {
	t.Parallel()
	metrics := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "up 1\n") })
	_, get := setup(t, admin.Options{Metrics: metrics, PProf: true})
	_, body := get("/metrics")
	require.Equal(t, "up 1\n", body)
	status, _ := get("/debug/pprof/")
	require.Equal(t, http.StatusOK, status)

	_, get = setup(t, admin.Options{})
	for _, path := range []string{"/metrics", "/debug/pprof/"} {
		status, _ := get(path)
		require.Equal(t, http.StatusNotFound, status, path)
	}
}

func TestAProcessAddsRoutesOfItsOwn(t *testing.T) {
	t.Parallel()
	hello := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.PathValue("name")) })
	_, get := setup(t, admin.Options{Routes: map[string]http.Handler{"GET /hello/{name}": hello}})
	status, body := get("/hello/you")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "you", body)
}

func TestAnAddressInUseIsAnError(t *testing.T) {
	t.Parallel()
	server, _ := setup(t, admin.Options{})
	_, err := admin.Start(t.Context(), admin.Options{Listen: server.Addr().String()})
	require.ErrorContains(t, err, "listen for admin requests")
}
