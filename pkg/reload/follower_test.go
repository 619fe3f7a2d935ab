package reload_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/lifecycle"
	"github.com/penstock/penstock/pkg/observe"
	"github.com/penstock/penstock/pkg/reload"
	"github.com/penstock/penstock/pkg/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// How long, at most, and how often a test looks whether something has happened.
const (
	patience = 20 * time.Second
	tick     = 10 * time.Millisecond
)

// bench is a follower with what it says.
type bench struct {
	*reload.Follower

	path string
	logs *observer.ObservedLogs
	tel  *telemetry.Telemetry
}

// setup follows a file until the test ends.
func setup(t *testing.T, check func(*config.Config) error) *bench {
	t.Helper()
	b := &bench{path: filepath.Join(t.TempDir(), "penstock.yaml")}
	b.write(t, source("first"))
	from, err := config.Load(b.path, nil, config.NoSecrets)
	require.NoError(t, err)
	b.tel, err = telemetry.Start(t.Context(), "test")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.tel.Close(context.Background())) })
	reloads, err := observe.NewReloads(b.tel.Meter)
	require.NoError(t, err)
	core, logs := observer.New(zap.DebugLevel)
	b.logs = logs
	b.Follower = reload.New(from, reload.Options{
		Path: b.path, Part: config.NoSecrets, Check: check, Reloads: reloads, Log: zap.New(core),
	})
	stop := lifecycle.Background(context.Background(), b.Run)
	t.Cleanup(func() { require.NoError(t, stop(context.Background())) })
	return b
}

func source(name string) string { return "sources: {" + name + ": {open: true}}\n" }

// write replaces the file as an editor does.
func (b *bench) write(t *testing.T, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(b.path+".next", []byte(text), 0o600))
	require.NoError(t, os.Rename(b.path+".next", b.path))
}

// next takes what waits, as soon as something does.
func (b *bench) next(t *testing.T) *config.Config {
	t.Helper()
	select {
	case <-b.Waiting():
		return b.Take()
	case <-time.After(patience):
		require.Fail(t, "nothing waits")
		return nil
	}
}

// metrics are what was counted, as Prometheus would read it.
func (b *bench) metrics() string {
	w := httptest.NewRecorder()
	b.tel.Metrics.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return w.Body.String()
}

func TestWhatWasLoadedWaitsFirstAndThenWhatTheFileBecomes(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	require.Contains(t, b.next(t).Sources, "first")
	require.Nil(t, b.Take())
	b.write(t, source("second"))
	require.Contains(t, b.next(t).Sources, "second")
}

func TestOnlyTheNewestWaits(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	waiting, before := b.Waiting(), b.logs.Len()
	b.write(t, source("second"))
	warned := func() bool { return b.logs.Len() > before } // that the source is open
	require.Eventually(t, warned, patience, tick)
	<-waiting
	require.Contains(t, b.next(t).Sources, "second")
	require.Nil(t, b.Take())
	require.NotEqual(t, waiting, b.Waiting())
}

func TestWhatIsWrongIsRefusedAndNothingWaits(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	b.next(t)
	b.write(t, "sources: 7\n")
	refused := func() bool { return b.logs.FilterMessageSnippet("is refused").Len() > 0 }
	require.Eventually(t, refused, patience, tick)
	require.Nil(t, b.Take())
	require.Contains(t, b.metrics(), "penstock_config_last_reload_success 0")
}

func TestAProcessMayHaveSomethingAgainstAValidFile(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *config.Config) error {
		if c.Sources["second"] != nil {
			return errors.New("no second, please")
		}
		return nil
	})
	b.next(t)
	b.write(t, source("second"))
	refused := func() bool { return b.logs.FilterMessageSnippet("is refused").Len() > 0 }
	require.Eventually(t, refused, patience, tick)
	require.Nil(t, b.Take())
	require.Contains(t, b.metrics(), `penstock_config_reloads_total{result="refused"} 1`)
}
