package config_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/config"
)

func TestAWindowIsADurationWithinBoundsOrOff(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]config.Window{
		"off": config.WindowOff, "1s": config.Window(time.Second), "1m": config.Window(time.Minute), "72h": config.Window(72 * time.Hour), "30d": config.Window(720 * time.Hour),
	} {
		var got config.Window
		require.NoError(t, got.UnmarshalText([]byte(text)), text)
		require.Equal(t, want, got)
		var again config.Window
		require.NoError(t, again.UnmarshalText([]byte(got.String())))
		require.Equal(t, got, again)
	}
	for _, text := range []string{"", "0s", "999ms", "31d", "-1h", "on", "OFF", "forever"} {
		require.Error(t, new(config.Window).UnmarshalText([]byte(text)), text)
	}
}
