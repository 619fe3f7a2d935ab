package settings_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/settings"
)

// example composes the shared settings as a process does.
type example struct {
	settings.Process
	settings.AMQP
	PublishTimeout time.Duration `default:"5s" desc:"the confirm deadline" split_words:"true"`
	TLSMode        string        `default:"files" desc:"how TLS is done"    split_words:"true"`
	Workers        int           `default:"4" desc:"how many"`
}

func (e *example) Validate() error {
	if e.Workers < 0 {
		return errors.New("PENSTOCK_WORKERS: is negative")
	}
	return nil
}

// scrub removes every setting that the test's own environment has.
func scrub(t *testing.T) {
	t.Helper()
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, settings.Prefix+"_") {
			t.Setenv(name, "") // restores it afterwards
			require.NoError(t, os.Unsetenv(name))
		}
	}
}

//nolint:paralleltest // sets the environment
func TestDefaultsAreThoseOfTheDesign(t *testing.T) {
	scrub(t)
	var s example
	require.NoError(t, settings.Load(&s))
	require.Equal(t, "/etc/penstock/penstock.yaml", s.Config)
	require.Equal(t, []string{"amqp://guest:guest@127.0.0.1:5672/"}, s.AMQPURLs)
	require.Equal(t, 5*time.Second, s.DrainDelay)
	require.Equal(t, 25*time.Second, s.ShutdownTimeout)
	require.Equal(t, 5*time.Second, s.PublishTimeout)
	require.Equal(t, "declare", s.Topology)
	require.Equal(t, 3, s.Publishing().Connections)
	require.True(t, s.Archive)
	require.Equal(t, "7D", s.ArchiveMaxAge)
	require.Equal(t, int64(20_000_000_000), s.ArchiveBytes())
	require.Equal(t, "info", s.LogLevel)
	require.Equal(t, "json", s.LogFormat)
	require.False(t, s.PProf)
}

func TestTheEnvironmentWins(t *testing.T) {
	scrub(t)
	t.Setenv("PENSTOCK_AMQP_URLS", "amqp://a/,amqps://b/")
	t.Setenv("PENSTOCK_TLS_MODE", "off")
	var s example
	require.NoError(t, settings.Load(&s))
	require.Equal(t, []string{"amqp://a/", "amqps://b/"}, s.AMQPURLs)
	require.Equal(t, "off", s.TLSMode)
}

//nolint:paralleltest // sets the environment
func TestEveryProblemIsReportedAtOnce(t *testing.T) {
	scrub(t)
	for name, value := range map[string]string{
		"PENSTOCK_DRAIN_DELAY":       "soon",
		"PENSTOCK_PUBLISH_TIMEOUT":   "5",
		"PENSTOCK_WORKERS":           "many",
		"PENSTOCK_PPROF":             "perhaps",
		"PENSTOCK_AMQP_URLS":         "amqp://user:hunter2@host:port/,http://host/",
		"PENSTOCK_AMQP_KEY_FILE":     "key.pem",
		"PENSTOCK_TOPOLOGY":          "guess",
		"PENSTOCK_ARCHIVE_MAX_AGE":   "a week",
		"PENSTOCK_ARCHIVE_MAX_BYTES": "lots",
		"PENSTOCK_AMQP_CONNECTIONS":  "0",
	} {
		t.Setenv(name, value)
	}
	err := settings.Load(new(example))
	for _, want := range []string{
		"PENSTOCK_DRAIN_DELAY: not a valid duration, such as 5s",
		"PENSTOCK_PUBLISH_TIMEOUT: not a valid duration",
		"PENSTOCK_WORKERS: not a valid whole number",
		"PENSTOCK_PPROF: not a valid truth value",
		"PENSTOCK_AMQP_URLS: URL 1 is not",
		"PENSTOCK_AMQP_URLS: URL 2 is not",
		"PENSTOCK_AMQP_CERT_FILE and PENSTOCK_AMQP_KEY_FILE",
		`PENSTOCK_TOPOLOGY: "guess" is not one of [declare check]`,
		"PENSTOCK_ARCHIVE_MAX_AGE",
		"PENSTOCK_ARCHIVE_MAX_BYTES",
		"PENSTOCK_AMQP_CONNECTIONS: 0 is not a number from 1 to 16",
	} {
		require.ErrorContains(t, err, want)
	}
	require.NotContains(t, err.Error(), "hunter2")
}

func TestWithoutStreamsThereIsNoArchive(t *testing.T) {
	scrub(t)
	t.Setenv("PENSTOCK_STREAMS", "off")
	var s example
	require.NoError(t, settings.Load(&s))
	require.False(t, s.HasStreams())
	require.False(t, s.Archive)
	t.Setenv("PENSTOCK_STREAMS", "no")
	require.ErrorContains(t, settings.Load(&s), `PENSTOCK_STREAMS: "no" is not one of [on off]`)
}

func TestEachPartAndTheWholeAreValidated(t *testing.T) {
	scrub(t)
	t.Setenv("PENSTOCK_LOG_LEVEL", "loud")
	require.ErrorContains(t, settings.Load(new(example)), `PENSTOCK_LOG_LEVEL: "loud" is not one of`)
	t.Setenv("PENSTOCK_LOG_LEVEL", "warn")
	t.Setenv("PENSTOCK_WORKERS", "-1")
	require.ErrorContains(t, settings.Load(new(example)), "PENSTOCK_WORKERS: is negative")
	t.Setenv("PENSTOCK_WORKERS", "1")
	t.Setenv("PENSTOCK_ADMIN_LISTEN", "9090")
	require.ErrorContains(t, settings.Load(new(example)), "is not an address such as")
}

func TestUsageNamesEachVariableItsDefaultAndItsPurpose(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, settings.Usage(&out, new(example)))
	for _, want := range []string{
		`PENSTOCK_CONFIG +/etc/penstock/penstock.yaml +the configuration file`,
		`PENSTOCK_AMQP_URLS +amqp://guest`,
		`PENSTOCK_TLS_MODE +files +how TLS is done`,
		`PENSTOCK_PPROF +false`,
	} {
		require.Regexp(t, want, out.String())
	}
}

func TestASecretCanComeFromAFile(t *testing.T) {
	scrub(t)
	path := filepath.Join(t.TempDir(), "urls")
	require.NoError(t, os.WriteFile(path, []byte("amqp://u:hunter2@a/,amqp://u:hunter2@b/\n"), 0o600))
	t.Setenv("PENSTOCK_AMQP_URLS_FILE", path)
	var s example
	require.NoError(t, settings.Load(&s))
	require.Equal(t, []string{"amqp://u:hunter2@a/", "amqp://u:hunter2@b/"}, s.AMQPURLs)

	t.Setenv("PENSTOCK_AMQP_URLS", "amqp://a/")
	require.ErrorContains(t, settings.Load(&s), "PENSTOCK_AMQP_URLS and PENSTOCK_AMQP_URLS_FILE: set one of them")
}

func TestAFileWithoutASecretIsRefused(t *testing.T) {
	scrub(t)
	t.Setenv("PENSTOCK_AMQP_URLS_FILE", os.DevNull)
	require.ErrorContains(t, settings.Load(new(example)), "PENSTOCK_AMQP_URLS_FILE: the file is empty")
	t.Setenv("PENSTOCK_AMQP_URLS_FILE", filepath.Join(t.TempDir(), "none"))
	require.ErrorContains(t, settings.Load(new(example)), "no such file")
}

func TestOnlyWhatMayHoldASecretIsReadFromAFile(t *testing.T) {
	scrub(t)
	t.Setenv("PENSTOCK_LOG_LEVEL_FILE", os.DevNull)
	require.NoError(t, settings.Load(new(example)))
}

func TestTheSettingsOfTokensBelongTogether(t *testing.T) {
	for name, row := range map[string]struct {
		env  map[string]string
		want string
	}{
		"no client":    {map[string]string{"TOKEN_URL": "https://idp/token"}, "set all of them or none"},
		"two sources":  {map[string]string{"TOKEN_URL": "https://idp/token", "TOKEN_FILE": "token", "CLIENT_ID": "a", "CLIENT_SECRET": "s3cret"}, "set one of them"},
		"plain text":   {map[string]string{"TOKEN_URL": "http://idp/token", "CLIENT_ID": "a", "CLIENT_SECRET": "s3cret"}, "it needs https"},
		"a user":       {map[string]string{"TOKEN_URL": "https://a:s3cret@idp/token", "CLIENT_ID": "a", "CLIENT_SECRET": "s3cret"}, "without a user"},
		"and password": {map[string]string{"TOKEN_FILE": "token", "USERNAME": "a", "PASSWORD": "s3cret"}, "the access token takes its place"},
		"good":         {map[string]string{"TOKEN_URL": "http://127.0.0.1:1/token", "CLIENT_ID": "a", "CLIENT_SECRET": "s3cret"}, ""},
		"a file":       {map[string]string{"TOKEN_FILE": "token", "USERNAME": "a"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			scrub(t)
			for name, value := range row.env {
				t.Setenv("PENSTOCK_AMQP_"+name, value)
			}
			err := settings.Load(new(example))
			if row.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, row.want)
			require.NotContains(t, err.Error(), "s3cret")
		})
	}
}
