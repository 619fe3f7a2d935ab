package e2e

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
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

// startPooler starts a PgBouncer in transaction mode and returns the URL of a new database
// behind it, which is dropped with the test.
func startPooler(t *testing.T) string {
	t.Helper()
	cmd := exec.Command("../.ci/pgbouncer", "up", "transaction")
	cmd.Stderr = t.Output()
	out, err := cmd.Output()
	require.NoError(t, err)
	address, err := url.Parse(strings.TrimSpace(string(out)))
	require.NoError(t, err)
	name := "test_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	admin, err := pgx.Connect(t.Context(), address.String()+"&default_query_exec_mode=simple_protocol")
	require.NoError(t, err)
	_, err = admin.Exec(t.Context(), "CREATE DATABASE "+name)
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := admin.Exec(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)")
		require.NoError(t, err)
		require.NoError(t, admin.Close(context.Background()))
	})
	address.Path = "/" + name
	return address.String()
}
