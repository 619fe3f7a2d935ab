package adapter_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock/penstock/pkg/account"
	"github.com/penstock/penstock/pkg/account/accounttest"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/worker/internal/adapter"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "token-of-the-test"

// failing is a source that takes nothing.
func failing(accounttest.Delivery) int { return http.StatusBadGateway }

// kinds are the accounts of the providers' fakes, with what makes an event there.
func kinds(o accounttest.Options) map[string]kind {
	return map[string]kind{
		"github": {accounttest.NewGitHub(o), map[string]string{"repository": "acme/shop", "hook": "1"}, "token"},
		"gitlab": {accounttest.NewGitLab(o), map[string]string{"project": "acme/shop", "hook": "1"}, "token"},
		"paddle": {accounttest.NewPaddle(o), map[string]string{"notificationSetting": "ntfset_1"}, "key"},
		"paypal": {accounttest.NewPayPal(o), map[string]string{"webhook": "WH1", "clientID": "id"}, "clientSecret"},
		"square": {accounttest.NewSquare(o), map[string]string{"subscription": "wbhk_1"}, "token"},
		"stripe": {accounttest.NewStripe(o), map[string]string{"endpoint": "we_1"}, "key"},
	}
}

// kind is a provider.
type kind struct {
	fake
	settings   map[string]string
	credential string
}

type fake interface {
	http.Handler
	Happen(typ string) string
	Break(status int)
	Revoke(token string)
}

// each runs a test with the adapter of each provider.
func each(t *testing.T, test func(t *testing.T, k kind, a adapter.Adapter)) {
	t.Helper()
	all := kinds(accounttest.Options{Deliver: failing, Token: token})
	require.Len(t, all, len(account.Providers()))
	for provider, k := range all {
		t.Run(provider, func(t *testing.T) {
			t.Parallel()
			test(t, k, adapterOf(t, provider, k))
		})
	}
}

// adapterOf makes the adapter of an account at a provider.
func adapterOf(t *testing.T, provider string, k kind) adapter.Adapter {
	t.Helper()
	server := httptest.NewServer(k)
	transport := &http.Transport{}
	t.Cleanup(func() { transport.CloseIdleConnections(); server.Close() })
	a, err := adapter.New(&config.Account{
		Name: "one", Provider: provider, URL: server.URL, Settings: k.settings,
		Credentials: map[string]config.Secret{k.credential: config.NewSecret(map[bool]string{true: "secret", false: token}[provider == "paypal"])},
	}, transport, time.Now)
	require.NoError(t, err)
	return a
}
