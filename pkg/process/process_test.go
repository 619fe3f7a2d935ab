package process_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/process"
	"github.com/penstock/penstock/pkg/settings"
)

func TestTheExitCodeTellsWhoHasToActOnIt(t *testing.T) {
	t.Parallel()
	failed := errors.New("the disk is full")
	for _, c := range []struct {
		err  error
		code int
	}{
		{nil, 0},
		{failed, 1},
		{process.Misused(failed), 2},
		{fmt.Errorf("start: %w", process.Misused(failed)), 2},
		{fmt.Errorf("start: %w", &config.Error{}), 2},
	} {
		require.Equal(t, c.code, process.ExitCode(c.err), "%v", c.err)
	}
	require.ErrorIs(t, process.Misused(failed), failed)
}

// greeterSettings are those of a service that says something once.
type greeterSettings struct {
	settings.Process
	Greeting string `default:"good morning"`
}

type greeter struct {
	settings greeterSettings
	log      *zap.Logger
}

func start(_ context.Context, s greeterSettings, _ config.Lookup, log *zap.Logger) (greeter, error) {
	if s.Greeting == "nothing" {
		return greeter{}, errors.New("nothing to say")
	}
	return greeter{s, log}, nil
}

func (g greeter) Run(context.Context) error {
	g.log.Info(g.settings.Greeting)
	return nil
}

func serve(t *testing.T) (string, error) {
	t.Helper()
	var out strings.Builder
	err := process.Serve(t.Context(), os.LookupEnv, &out, start)
	return out.String(), err
}

func TestAServiceRunsWithItsSettingsAndLogsAsTheySay(t *testing.T) {
	t.Setenv("PENSTOCK_GREETING", "good evening")
	out, err := serve(t)
	require.NoError(t, err)
	require.Contains(t, out, `"msg":"good evening"`)
	require.Contains(t, out, `"msg":"memory limit"`)

	t.Setenv("PENSTOCK_LOG_LEVEL", "error")
	out, err = serve(t)
	require.NoError(t, err)
	require.Empty(t, out)
}

func TestAServiceIsNotStartedWithWrongSettings(t *testing.T) {
	t.Setenv("PENSTOCK_LOG_LEVEL", "loud")
	_, err := serve(t)
	require.ErrorContains(t, err, "PENSTOCK_LOG_LEVEL")
	require.Equal(t, 2, process.ExitCode(err))
}

func TestWhatCannotStartIsNotRun(t *testing.T) {
	t.Setenv("PENSTOCK_GREETING", "nothing")
	_, err := serve(t)
	require.EqualError(t, err, "nothing to say")
	require.Equal(t, 1, process.ExitCode(err))
}
