package app_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap/zaptest"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/settings"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/app"
)

func TestTheConsoleStandsBesideTheAPI(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	vhost, folder := amqptest.New(t), t.TempDir()
	require.NoError(t, amqpx.Declare(ctx, amqpx.Config{URLs: vhost.URLs}, topology.Plan{Archive: true}.Topology()))
	var s app.TrackSettings
	require.NoError(t, settings.Load(&s))
	s.Config, s.StoreURL = filepath.Join(folder, "penstock.yaml"), "sqlite:"+filepath.Join(folder, "store.db")
	s.AMQPURLs, s.Listen, s.AdminListen, s.APIOpen = vhost.URLs, "127.0.0.1:0", "127.0.0.1:0", true
	s.GatewayURL = "https://hooks.example.com/"
	require.NoError(t, os.WriteFile(s.Config, []byte(trackedConfig), 0o600))
	tracker, err := app.NewTracker(ctx, s, os.LookupEnv, zaptest.NewLogger(t))
	require.NoError(t, err)
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- tracker.Run(running) }()
	defer func() { stop(); require.NoError(t, <-done) }()

	address := "http://" + tracker.Addr().String()
	for _, path := range []string{"/", "/events", "/dead", "/jobs", "/routes", "/routes/invoices", "/destinations", "/sources", "/add/stripe", "/ledger", "/audit"} {
		code, page := fetch(ctx, address+"/console"+path)
		require.Equal(t, http.StatusOK, code, "%s: %s", path, page)
		require.Contains(t, string(page), "</html>", path)
	}
	_, page := fetch(ctx, address+"/console/sources")
	require.Contains(t, string(page), "https://hooks.example.com/in/shop")
	code, _ := fetch(ctx, address+"/") // leads to the console
	require.Equal(t, http.StatusOK, code)
	code, _ = fetch(ctx, address+"/api/v1/events")
	require.Equal(t, http.StatusOK, code)
}

func TestTheConsolesSettingsSayWhatIsMissing(t *testing.T) {
	t.Parallel()
	s := app.ConsoleSettings{GatewayURL: "hooks.example.com", ConsoleURL: "https://u:p@h/", OIDCIssuer: "https://idp.example"}
	err := s.Validate()
	for _, want := range []string{"PENSTOCK_GATEWAY_URL", "PENSTOCK_CONSOLE_URL", "PENSTOCK_CONSOLE_OIDC_CLIENT_ID", "PENSTOCK_CONSOLE_OIDC_READERS"} {
		require.ErrorContains(t, err, want)
	}
	require.NotContains(t, err.Error(), "u:p")
	s = app.ConsoleSettings{ConsoleURL: "https://h", OIDCIssuer: "https://idp.example", OIDCClientID: "console", OIDCReaders: []string{"*"}}
	require.NoError(t, s.Validate())
}
