package config_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/config"
)

func TestTheExampleIsValid(t *testing.T) {
	t.Parallel()
	previous := write(t, "an older one\n", t.TempDir(), "previous")
	text := strings.ReplaceAll(string(config.Example()), "/run/secrets/github-previous", previous)
	cfg, err := config.Parse("example.yaml", []byte(text), environment(map[string]string{
		"GITHUB_WEBHOOK_SECRET": "a", "INHOUSE_SECRET": "b", "BILLING_TOKEN": "c", "PENSTOCK_SIGNING_SECRET": "c2VjcmV0LXNlY3JldA==",
	}))
	require.NoError(t, err)
	require.Empty(t, cfg.Warnings)
	require.Len(t, cfg.Sources, 3)
}

func TestTheExampleShowsItsDefaultsTruly(t *testing.T) {
	t.Parallel()
	text := string(config.Example())
	cfg := load(t, strings.NewReplacer(
		"${GITHUB_WEBHOOK_SECRET}", "${SECRET}", "file:/run/secrets/github-previous", "${TOKEN}", "${INHOUSE_SECRET}", "${SECRET}",
		"${BILLING_TOKEN}", "${TOKEN}", "${PENSTOCK_SIGNING_SECRET}", "${SIGNING}",
	).Replace(text))
	require.Equal(t, config.DefaultRetry(), cfg.Routes["invoices"].Retry)
	require.Equal(t, config.DefaultRoute().OnPermanent, cfg.Routes["invoices"].OnPermanent)
	require.Equal(t, config.DefaultMaxBody, cfg.Sources["partner"].BodyLimit())
	require.Equal(t, config.DefaultTimeout, cfg.Destinations["billing"].Timeout)
	require.Equal(t, config.DefaultDestination().AllowPrivate, cfg.Destinations["billing"].AllowPrivate)
	require.Contains(t, text, "16 when left out")
}

func TestTheExampleNamesEveryKey(t *testing.T) {
	t.Parallel()
	for _, part := range []any{config.Config{}, config.Source{}, config.Respond{}, config.Destination{}, config.Signing{}, config.BasicAuth{}, config.OAuth2{}, config.ClientTLS{}, config.Request{}, config.Batch{}, config.Route{}, config.Transform{}, config.Ordering{}, config.Retry{},
		config.Account{}, config.Notifications{}, config.Channel{}, config.NotifyWebhook{}, config.NotifyURL{}, config.PagerDuty{}, config.Email{}, config.QuietHours{}} {
		for _, f := range reflect.VisibleFields(reflect.TypeOf(part)) {
			key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
			if key == "-" || !f.IsExported() {
				continue
			}
			require.Regexp(t, `(?m)^\s*(#\s*)?(\w+: \{([^}]*, )?)?`+key+`:`, string(config.Example()), "%T.%s", part, f.Name)
		}
	}
}

func TestCallersCannotChangeWhatIsBuiltIn(t *testing.T) {
	t.Parallel()
	for _, get := range []func() []byte{config.Example, config.Schema} {
		first := get()
		clear(first)
		require.NotEqual(t, first, get())
	}
}
