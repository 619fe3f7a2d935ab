package httpapi_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/gateway/internal/httpapi"
)

func TestSettingsReportEveryProblem(t *testing.T) {
	t.Parallel()
	err := (&httpapi.Settings{Listen: "8443", TLSMode: "files", ProxyProtocol: true, TrustedProxies: []string{"10.0.0.0/33"}}).Validate()
	for _, problem := range []string{"PENSTOCK_LISTEN", "PENSTOCK_TLS_CERT_FILE", "PENSTOCK_TLS_KEY_FILE", "PENSTOCK_TRUSTED_PROXIES"} {
		require.ErrorContains(t, err, problem)
	}
	for name, s := range map[string]httpapi.Settings{
		"PENSTOCK_TLS_MODE":                          {TLSMode: "none"},
		"PENSTOCK_TLS_CLIENT_CA_FILE":                {TLSMode: "off", TLSClientCAFile: "ca.pem"},
		"PENSTOCK_TRUSTED_PROXIES":                   {TLSMode: "off", ProxyProtocol: true},
		"needed with PENSTOCK_CLIENT_ADDRESS_HEADER": {TLSMode: "off", ClientAddressHeader: "X-Forwarded-For"},
		"PENSTOCK_CLIENT_ADDRESS_HEADER: \"X Real\"": {TLSMode: "off", ClientAddressHeader: "X Real", TrustedProxies: []string{"10.0.0.0/8"}},
	} {
		require.ErrorContains(t, s.Validate(), name)
	}
	require.NoError(t, (&httpapi.Settings{Listen: ":8443", TLSMode: "self-signed", TLSClientCAFile: "ca.pem"}).Validate())
}
