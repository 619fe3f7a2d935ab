package settings_test

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/settings"
)

// Whatever a password holds unescaped, a URL is either refused or means what it says: no
// part of the password becomes the host, the port or a path.
func TestAPasswordNeverBecomesAnotherPartOfItsURL(t *testing.T) {
	t.Parallel()
	checks := map[string]func(string) error{
		"amqp":     amqpx.CheckURL,
		"redis":    func(text string) error { return settings.URL("PENSTOCK_REDIS_URL", text, "redis") },
		"postgres": func(text string) error { return settings.URL("PENSTOCK_STORE_URL", text, "postgres") },
	}
	for scheme, check := range checks {
		for c := '!'; c <= '~'; c++ {
			password := fmt.Sprintf("12%c34", c)
			text := scheme + "://user:" + password + "@host.example/name"
			err := check(text)
			if err == nil {
				u, err := url.Parse(text)
				require.NoError(t, err)
				require.Equal(t, "host.example", u.Host, text)
				require.Equal(t, "/name", u.Path, text)
				continue
			}
			require.NotContains(t, err.Error(), "12", text)
			require.NotContains(t, err.Error(), "user:", text)
		}
	}
}

func TestAPortIsANumberThatExists(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"amqp://host:0/", "amqp://host:65536/", "amqp://host:99999/"} {
		require.ErrorContains(t, amqpx.CheckURL(text), "65535", text)
	}
	require.NoError(t, amqpx.CheckURL("amqp://host:65535/"))
}
