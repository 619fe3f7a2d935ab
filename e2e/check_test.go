package e2e

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// complete is plain with a receiver that nothing asks.
var complete = strings.Replace(plain, "RECEIVER", "http://receiver:8099/", 1)

// everyProcess has the arguments of the processes that serve, by name.
var everyProcess = map[string][]string{
	"gateway": {"gateway"}, "deliverer": {"worker", "deliver"}, "tracker": {"worker", "track"},
}

// wrongOfAll are settings that every process has, with values that none can start with.
var wrongOfAll = map[string]string{
	"PENSTOCK_ARCHIVE_MAX_BYTES": "5XB", "PENSTOCK_ARCHIVE_MAX_AGE": "banana", "PENSTOCK_STATUS_MAX_BYTES": "many",
	"PENSTOCK_QUARANTINE_MAX_AGE": "1 day", "PENSTOCK_AMQP_URLS": "amqp://rabbitmq:99999/,http://rabbitmq:5672/",
	"PENSTOCK_MANAGEMENT_URL": "rabbitmq:15672", "PENSTOCK_TOPOLOGY": "guess", "PENSTOCK_ARCHIVE": "maybe",
	"PENSTOCK_LOG_LEVEL": "loud", "PENSTOCK_ADMIN_LISTEN": "nowhere", "PENSTOCK_SHUTDOWN_TIMEOUT": "25", "PENSTOCK_DRAIN_DELAY": "-1s",
}

// wrongOf are those that one process has.
var wrongOf = map[string]map[string]string{
	"gateway": {
		"PENSTOCK_PUBLISH_TIMEOUT": "5", "PENSTOCK_MAX_IN_FLIGHT": "-1", "PENSTOCK_MAX_IN_FLIGHT_BYTES": "5XB", "PENSTOCK_SPOOL_MAX_BYTES": "lots",
		"PENSTOCK_TLS_MODE": "maybe", "PENSTOCK_TRUSTED_PROXIES": "10.0.0.0/99", "PENSTOCK_REDIS_URL": "http://redis/",
	},
	"tracker": {"PENSTOCK_RETENTION": "banana", "PENSTOCK_GATEWAY_URL": "hooks.example", "PENSTOCK_STORE_URL": "mysql://db/", "PENSTOCK_LISTEN": "8090"},
}

// runToEnd runs a process to its end, and returns what it says and its exit code.
func runToEnd(t *testing.T, name string, env map[string]string, flags ...string) (said string, code int) {
	t.Helper()
	args := slices.Concat(everyProcess[name], flags)
	p := start(t, args[0], args[1:], env)
	select {
	case <-p.ended:
	case <-time.After(30 * time.Second):
		require.Fail(t, "the process does not end", p.log.tail())
	}
	return p.log.tail(), p.cmd.ProcessState.ExitCode()
}

// configFile writes a configuration file.
func configFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "penstock.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestACheckFindsAllThatAProcessWouldNotStartWith(t *testing.T) {
	t.Parallel()
	path := configFile(t, strings.Replace(complete, "to: receiver", "to: nowhere", 1)+"\nrouts: {}\n")
	for name := range everyProcess {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := allOf(wrongOfAll, wrongOf[name], map[string]string{"PENSTOCK_CONFIG": path})
			checked, code := runToEnd(t, name, env, "--check")
			require.Equal(t, 2, code)
			for setting := range allOf(wrongOfAll, wrongOf[name]) {
				require.Contains(t, checked, setting+": ")
			}
			require.Contains(t, checked, "nowhere")
			require.Contains(t, checked, "routs")
			started, code := runToEnd(t, name, env)
			require.Equal(t, 2, code)
			for line := range strings.Lines(started) {
				require.Contains(t, checked, line, "both use the same code")
			}
		})
	}
}

// Each wrong value alone fails the check, so that no other one hides it.
func TestACheckFindsEachWrongSetting(t *testing.T) {
	t.Parallel()
	path := configFile(t, complete)
	for name := range everyProcess {
		for setting, value := range allOf(wrongOfAll, wrongOf[name]) {
			t.Run(name+" "+setting, func(t *testing.T) {
				t.Parallel()
				said, code := runToEnd(t, name, map[string]string{"PENSTOCK_CONFIG": path, "PENSTOCK_TLS_MODE": "off", setting: value}, "--check")
				require.Equal(t, 2, code)
				require.Contains(t, said, setting+": ")
				for line := range strings.Lines(said) {
					require.True(t, strings.HasPrefix(line, setting+": "), said)
				}
			})
		}
	}
}

func allOf(sets ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, s := range sets {
		maps.Copy(all, s)
	}
	return all
}

func TestACheckNeedsNoSecretAndNoBroker(t *testing.T) {
	t.Parallel()
	for name := range everyProcess {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			said, code := runToEnd(t, name, map[string]string{
				"PENSTOCK_CONFIG": configFile(t, complete), "PENSTOCK_TLS_MODE": "off", "PENSTOCK_AMQP_URLS": "amqp://nobody.invalid:5672/",
				"PENSTOCK_AMQP_USERNAME_FILE": "/run/secrets/none/username", "PENSTOCK_AMQP_PASSWORD_FILE": "/run/secrets/none/password",
			}, "--check")
			require.Zero(t, code, said)
			require.Equal(t, "the settings and the configuration are valid\n", said)
		})
	}
}

// Secrets that a check cannot see are not missed: the client's of access tokens, and a
// password beside a user name in plain text.
func TestACheckMissesNoSecret(t *testing.T) {
	t.Parallel()
	for _, half := range []map[string]string{
		{"PENSTOCK_AMQP_USERNAME": "gateway"},
		{"PENSTOCK_AMQP_TOKEN_URL": "https://login.example/token", "PENSTOCK_AMQP_CLIENT_ID": "penstock"},
	} {
		env := allOf(half, map[string]string{"PENSTOCK_CONFIG": configFile(t, complete), "PENSTOCK_TLS_MODE": "off"})
		said, code := runToEnd(t, "gateway", env, "--check")
		require.Zero(t, code, said)
		said, code = runToEnd(t, "gateway", env)
		require.Equal(t, 2, code, said)
	}
}

func TestACheckFindsASpoolWithoutAFolder(t *testing.T) {
	t.Parallel()
	path := configFile(t, strings.Replace(complete, "provider: github", "provider: github, onBrokerOutage: spool", 1))
	said, code := runToEnd(t, "gateway", map[string]string{"PENSTOCK_CONFIG": path, "PENSTOCK_TLS_MODE": "off"}, "--check")
	require.Equal(t, 2, code)
	require.Contains(t, said, "set PENSTOCK_SPOOL_DIR")
}
