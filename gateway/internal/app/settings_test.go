package app_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/gateway/internal/app"
	"github.com/penstock/penstock/pkg/settings"
)

func TestTheDefaultsAreTheDocumentedOnes(t *testing.T) {
	t.Setenv("PENSTOCK_TLS_MODE", "off")
	var s app.Settings
	require.NoError(t, settings.Load(&s))
	require.Equal(t, ":8443", s.Listen)
	require.Equal(t, 5*time.Second, s.PublishTimeout)
	require.EqualValues(t, 4096, s.MaxInFlight)
	require.Zero(t, s.MaxInFlightBytes, "it follows the memory limit")
	require.Zero(t, s.MaxConnections, "likewise")
	require.False(t, s.ProxyProtocol)
}

func TestSettingsReportEveryProblemOfEveryPart(t *testing.T) {
	for name, value := range map[string]string{
		"PENSTOCK_LOG_LEVEL": "loud", "PENSTOCK_TOPOLOGY": "guess", "PENSTOCK_LISTEN": "nowhere", "PENSTOCK_TLS_MODE": "maybe",
		"PENSTOCK_PUBLISH_TIMEOUT": "0s", "PENSTOCK_MAX_IN_FLIGHT": "-1", "PENSTOCK_MAX_CONNECTIONS": "-1",
	} {
		t.Setenv(name, value)
	}
	err := settings.Load(new(app.Settings))
	for _, name := range []string{
		"PENSTOCK_LOG_LEVEL", "PENSTOCK_TOPOLOGY", "PENSTOCK_LISTEN", "PENSTOCK_TLS_MODE",
		"PENSTOCK_PUBLISH_TIMEOUT", "PENSTOCK_MAX_IN_FLIGHT:", "PENSTOCK_MAX_CONNECTIONS",
	} {
		require.ErrorContains(t, err, name)
	}
	t.Setenv("PENSTOCK_MAX_IN_FLIGHT_BYTES", "many")
	require.ErrorContains(t, settings.Load(new(app.Settings)), "PENSTOCK_MAX_IN_FLIGHT_BYTES")
}
