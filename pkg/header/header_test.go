package header_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/header"
)

func TestNamesThatAreOneToAReceiverFoldToOne(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"X-Forwarded-For", "x-forwarded-for", "X_Forwarded_For", "X-Forwarded_For", "X.Forwarded.For", "x+forwarded~for"} {
		require.Equal(t, "X-Forwarded-For", header.Fold(name), name)
	}
	require.NotEqual(t, header.Fold("X-Forwarded-Fo"), header.Fold("X-Forwarded-For"))
}

func TestADisguisedFieldIsKnown(t *testing.T) {
	t.Parallel()
	h := http.Header{"X-Hub-Signature": {"1"}, "X_hub_signature": {"2"}, "Own_name": {"3"}}
	for name, want := range map[string]bool{
		"Penstock_Source": true, "penstock.event.id": true, "X_Forwarded_For": true, "X-Forwarded_Host": true, "Webhook_Signature": true,
		"Original_Webhook_Id": true, "Authorization": false, "Traceparent": false, "Transfer_Encoding": true, "Content_length": true,
		"X_hub_signature": true, "X-Hub-Signature": false, "Own_name": false, "Penstock-Source": false, "wm_sec.signature": false,
	} {
		require.Equal(t, want, header.Disguised(name, h), name)
	}
}

func TestAStrangersNameIsKnownFromOurOwn(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]struct{ loopback, stranger bool }{
		"localhost": {true, false}, "LOCALHOST:8090": {true, false}, "console.localhost:8090": {true, false}, "127.0.0.1:8090": {true, false},
		"127.9.9.9": {true, false}, "[::1]:8090": {true, false}, "::1": {true, false}, "[::ffff:127.0.0.1]": {true, false}, "localhost.": {true, false},
		"10.0.0.7:8090": {false, false}, "[2001:db8::1]:8090": {false, false}, "tracker:8090": {false, false}, "": {false, false},
		"evil.example": {false, true}, "evil.example:8090": {false, true}, "localhost.evil.example": {false, true}, "127.0.0.1.evil.example": {false, true},
		"evil.example.": {false, true}, "2130706433": {false, false},
	} {
		require.Equal(t, want.loopback, header.LoopbackHost(host), host)
		require.Equal(t, want.stranger, header.StrangersHost(host), host)
	}
}
