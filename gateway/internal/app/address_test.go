package app_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/penstock/penstock/gateway/internal/app"
	"github.com/penstock/penstock/gateway/internal/httpapi"
	"github.com/penstock/penstock/pkg/settings"
)

const restricted = `
sources:
  partner: {open: true, allowCIDRs: [198.51.100.0/24]}
  anyone: {open: true}
destinations: {nowhere: {url: "https://nowhere.example"}}
routes: {all: {from: [partner, anyone], to: nowhere}}
`

// TestAllowedNetworksBehindAProxyThatHidesTheSendersAreWarnedAbout starts a gateway without a broker in each way.
func TestAllowedNetworksBehindAProxyThatHidesTheSendersAreWarnedAbout(t *testing.T) {
	t.Parallel()
	proxies := []string{"10.0.0.0/8"}
	for name, c := range map[string]struct {
		face httpapi.Settings
		want []string
	}{
		"TLS ends elsewhere":       {httpapi.Settings{TLSMode: httpapi.TLSOff}, []string{"partner"}},
		"proxies are not believed": {httpapi.Settings{TLSMode: httpapi.TLSOff, TrustedProxies: proxies}, []string{"partner"}},
		"proxies report senders":   {httpapi.Settings{TLSMode: httpapi.TLSOff, TrustedProxies: proxies, ClientAddressHeader: "X-Forwarded-For"}, nil},
		"the PROXY protocol":       {httpapi.Settings{TLSMode: httpapi.TLSOff, TrustedProxies: proxies, ProxyProtocol: true}, nil},
		"senders connect to us":    {httpapi.Settings{TLSMode: httpapi.TLSSelfSigned}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, warnedOf(t, c.face))
		})
	}
}

// warnedOf returns the sources that a gateway with these settings warns about.
func warnedOf(t *testing.T, face httpapi.Settings) (sources []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "penstock.yaml")
	require.NoError(t, os.WriteFile(path, []byte(restricted), 0o600))
	face.Listen = "127.0.0.1:0"
	core, logs := observer.New(zap.WarnLevel)
	a, err := app.New(t.Context(), app.Settings{
		Process:  settings.Process{Config: path, AdminListen: "127.0.0.1:0", LogLevel: "info", LogFormat: "json", ShutdownTimeout: 20 * time.Second},
		AMQP:     settings.AMQP{AMQPURLs: []string{"amqp://127.0.0.1:1/"}, Topology: "check"},
		Settings: face, PublishTimeout: time.Second, MaxInFlight: 1, DedupEvents: 1,
	}, env, zap.New(core))
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	require.NoError(t, a.Run(ctx))
	for _, entry := range logs.FilterMessageSnippet("allowCIDRs").All() {
		sources = append(sources, entry.ContextMap()["source"].(string))
	}
	return sources
}
