package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/process"
)

func TestArguments(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		code int
		says string
	}{
		"help":              {[]string{"--help"}, 0, "PENSTOCK_AMQP_URLS"},
		"help of a command": {[]string{"deliver", "-h"}, 0, "PENSTOCK_ROUTES"},
		"help of tracking":  {[]string{"track", "--help"}, 0, "PENSTOCK_STORE_URL"},
		"version":           {[]string{"--version"}, 0, "worker "},
		"no command":        {nil, 2, "the commands are: deliver"},
		"unknown command":   {[]string{"fetch"}, 2, `unknown command "fetch"; the commands are: deliver`},
		"too many":          {[]string{"deliver", "now"}, 2, `unknown command "deliver now"`},
		"unknown flag":      {[]string{"deliver", "--fast"}, 2, "fast"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			err := run(t.Context(), tc.args, os.LookupEnv, &out)
			require.Equal(t, tc.code, process.ExitCode(err), err)
			if err != nil {
				out.WriteString(err.Error())
			}
			require.Contains(t, out.String(), tc.says)
		})
	}
}

func TestBadSettingsAreListedAndExitWithTwo(t *testing.T) {
	t.Setenv("PENSTOCK_LOG_LEVEL", "loud")
	t.Setenv("PENSTOCK_SHUTDOWN_TIMEOUT", "soon")
	err := run(t.Context(), []string{"deliver"}, os.LookupEnv, new(strings.Builder))
	require.Equal(t, 2, process.ExitCode(err))
	require.ErrorContains(t, err, "PENSTOCK_SHUTDOWN_TIMEOUT")
}

func TestAMissingConfigurationExitsWithTwo(t *testing.T) {
	t.Setenv("PENSTOCK_CONFIG", filepath.Join(t.TempDir(), "missing.yaml"))
	err := run(t.Context(), []string{"deliver"}, os.LookupEnv, new(strings.Builder))
	require.Equal(t, 2, process.ExitCode(err))
	require.ErrorContains(t, err, "missing.yaml")
}
