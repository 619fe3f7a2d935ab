//go:build compose

package compose_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/e2e/internal/trial"
)

// TestComposeNeedsNothingBeforeIt starts a fresh clone: Compose makes the secrets, once, and
// leaves no process those of another one.
func TestComposeNeedsNothingBeforeIt(t *testing.T) {
	build(t)
	folder := t.TempDir()
	t.Setenv("PENSTOCK_SECRETS", folder)
	t.Setenv("PENSTOCK_VERSION", version)
	t.Cleanup(func() { remove(t) })
	up := func() {
		began := time.Now()
		composeOf(t, []string{"compose.yaml", "compose.override.yaml"}, "up", "--detach", "--wait", "--wait-timeout", "600", "--no-build")
		t.Logf("up after %s", time.Since(began).Round(time.Second))
	}
	up()
	followed(t, project+"_penstock", folder)
	before, err := os.ReadFile(filepath.Join(folder, "gateway", "github"))
	require.NoError(t, err)
	for _, service := range []string{"gateway", "deliverer", "receiver", "topology"} {
		said, err := trial.Try(time.Minute, "docker", "compose", "--project-name", project, "run", "--rm", "--no-deps", "--entrypoint", "penstock", service,
			"verify", "github", "--secret", "file:/run/secrets/broker-tracker")
		require.Error(t, err)
		require.Contains(t, said, "no such file", service)
	}
	up()
	after, err := os.ReadFile(filepath.Join(folder, "gateway", "github"))
	require.NoError(t, err)
	require.Equal(t, before, after, "what is there is kept")
}
