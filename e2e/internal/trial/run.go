package trial

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Run runs a command in the repository's root and returns what it prints. It fails the
// test when the command fails, or takes longer than patience.
func Run(t *testing.T, patience time.Duration, name string, args ...string) string {
	t.Helper()
	out, err := Try(patience, name, args...)
	require.NoError(t, err, "%s %s\n%s", name, strings.Join(args, " "), out)
	return out
}

// Try is Run for commands that may fail. It returns standard output, and after a failure
// the errors too.
func Try(patience time.Duration, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, name, args...) //nolint:gosec // tests say what they run
	command.Dir = Root()
	command.WaitDelay = 5 * time.Second
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	err := command.Run()
	if err != nil {
		return out.String() + errs.String(), err //nolint:wrapcheck // the caller says what was run
	}
	return strings.TrimSpace(out.String()), nil
}

// Root is the repository's root: the first folder above that has a go.mod.
func Root() string {
	folder, err := os.Getwd()
	for err == nil {
		if _, missing := os.Stat(folder + "/go.mod"); missing == nil {
			return folder
		}
		at := strings.LastIndexByte(folder, '/')
		if at <= 0 {
			break
		}
		folder = folder[:at]
	}
	return "."
}
