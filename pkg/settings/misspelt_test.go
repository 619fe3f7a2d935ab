package settings_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/settings"
)

func TestAMisspeltSettingIsWarnedAboutWithTheNearestName(t *testing.T) {
	t.Parallel()
	type spec struct {
		settings.AMQP

		Listen string `envconfig:"LISTEN" desc:"where"`
	}
	got := settings.Misspelt(new(spec), []string{
		"PENSTOCK_LISTN=:1", "PENSTOCK_AMQP_URL=amqp://user:s3cr3t@h/", "PENSTOCK_AMQP_PASWORD_FILE=/p", // misspelt
		"PENSTOCK_LISTENER_SERVICE_PORT_HTTP=80", "PENSTOCK_STORE_URL=sqlite:x", "STRIPE_SECRET=x", // of others
		"PENSTOCK_AMQP_CA_FILE=/ca", "PENSTOCK_AMQP_CA_FIL=/ca", // beside the right one
	})
	require.Equal(t, []string{
		"PENSTOCK_LISTN is no setting, did you mean PENSTOCK_LISTEN?",
		"PENSTOCK_AMQP_URL is no setting, did you mean PENSTOCK_AMQP_URLS?",
		"PENSTOCK_AMQP_PASWORD_FILE is no setting, did you mean PENSTOCK_AMQP_PASSWORD_FILE?",
	}, got)
	require.Empty(t, settings.Misspelt(new(spec), nil))
}
