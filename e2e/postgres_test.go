package e2e

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// startPostgres starts a private PostgreSQL of that name and returns its URL.
func startPostgres(t *testing.T, name string) string {
	t.Helper()
	run := func(command string) string {
		cmd := exec.Command("../.ci/postgres", command, name)
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		require.NoError(t, err, "postgres %s %s", command, name)
		return string(out)
	}
	run("wipe")
	t.Cleanup(func() { run("wipe") })
	address, found := strings.CutPrefix(strings.TrimSpace(run("up")), "PENSTOCK_TEST_POSTGRES_URL=")
	require.True(t, found, "the server named no URL")
	return address
}
