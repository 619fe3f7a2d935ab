package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/process"
)

func runWith(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := run(t.Context(), args, os.LookupEnv, &out)
	return out.String(), err
}

func TestVersionAndHelpNeedNoSettings(t *testing.T) {
	t.Setenv("PENSTOCK_TLS_MODE", "wrong")
	out, err := runWith(t, "--version")
	require.NoError(t, err)
	require.Regexp(t, `^gateway .+\n$`, out)

	out, err = runWith(t, "--help")
	require.NoError(t, err)
	for _, name := range []string{"PENSTOCK_LISTEN", "PENSTOCK_AMQP_URLS", "PENSTOCK_CONFIG", "PENSTOCK_MAX_IN_FLIGHT_BYTES"} {
		require.Contains(t, out, name)
	}
}

func TestWrongSettingsExitWithTwo(t *testing.T) {
	t.Setenv("PENSTOCK_TLS_MODE", "wrong")
	t.Setenv("PENSTOCK_LOG_LEVEL", "loud")
	_, err := runWith(t)
	require.ErrorContains(t, err, "PENSTOCK_TLS_MODE")
	require.ErrorContains(t, err, "PENSTOCK_LOG_LEVEL")
	require.Equal(t, 2, process.ExitCode(err))

	for _, args := range [][]string{{"serve"}, {"--nonsense"}} {
		_, err = runWith(t, args...)
		require.Equal(t, 2, process.ExitCode(err))
	}
}

func TestAWrongConfigurationExitsWithTwo(t *testing.T) {
	t.Setenv("PENSTOCK_TLS_MODE", "off")
	t.Setenv("PENSTOCK_CONFIG", t.TempDir()+"/missing.yaml")
	_, err := runWith(t)
	var wrong *config.Error
	require.ErrorAs(t, err, &wrong)
	require.Equal(t, 2, process.ExitCode(err))
	require.Equal(t, 1, process.ExitCode(errors.New("anything else")))
}

func TestAnUnsignedTimeStopsTheStart(t *testing.T) {
	t.Setenv("PENSTOCK_TLS_MODE", "off")
	t.Setenv("SECRET", "secret")
	file := filepath.Join(t.TempDir(), "penstock.yaml")
	text := `sources: {s: {scheme: {alg: hmac-sha256, sig: "header:s", ts: {from: "header:t"}}, secrets: ["${SECRET}"]}}` + "\n"
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	t.Setenv("PENSTOCK_CONFIG", file)
	_, err := runWith(t)
	require.ErrorContains(t, err, "unsignedTimestamp: true")
	require.Equal(t, 2, process.ExitCode(err))
}
