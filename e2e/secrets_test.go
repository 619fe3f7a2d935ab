package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The secrets of compose.yaml are made on each machine: none are in the repository, and
// what was made once is never written over.
func TestSecretsOfComposeAreMadeOnceAndKeptFromOthers(t *testing.T) {
	t.Parallel()
	tracked, err := exec.Command("git", "-C", "..", "ls-files", "compose/secrets").Output()
	require.NoError(t, err)
	require.Empty(t, string(tracked), "they would be public")
	require.NoError(t, exec.Command("git", "-C", "..", "check-ignore", "--quiet", "compose/secrets/github").Run())

	folder := filepath.Join(t.TempDir(), "secrets")
	newSecrets := func() error { return exec.Command("../compose/new-secrets", folder).Run() }
	require.NoError(t, newSecrets())
	require.Equal(t, os.FileMode(0o700), mode(t, folder))
	for _, private := range []string{"api-token", "broker-operator", "broker-monitor"} {
		require.Equal(t, os.FileMode(0o600), mode(t, filepath.Join(folder, private)), private)
	}
	before, err := os.ReadFile(filepath.Join(folder, "github"))
	require.NoError(t, err)
	require.Error(t, newSecrets(), "they are there already")
	after, err := os.ReadFile(filepath.Join(folder, "github"))
	require.NoError(t, err)
	require.Equal(t, before, after)
}

func mode(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	return info.Mode().Perm()
}
