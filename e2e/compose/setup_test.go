//go:build compose

package compose_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/e2e/internal/trial"
)

const (
	project = "penstock-e2e"
	target  = "https://haproxy:8443/in/github"
	version = "e2e"
)

// secrets makes the installation's secrets for a test whose traffic needs one before anything runs.
func secrets(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	trial.Run(t, time.Minute, "compose/new-secrets", folder)
	require.NoError(t, os.Chmod(filepath.Join(folder, "operator", "api-token"), 0o644)) // a container reads it as another user
	t.Setenv("PENSTOCK_SECRETS", folder)
	t.Setenv("PENSTOCK_VERSION", version)
	t.Setenv("PENSTOCK_E2E", filepath.Join(trial.Root(), "e2e", "compose"))
	return folder
}

// traffic is the program as the host reaches it.
func traffic() trial.Traffic {
	client := &http.Client{Timeout: 90 * time.Second}
	return trial.Traffic{Ask: func(path string) ([]byte, error) {
		request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://127.0.0.1:18099"+path, nil)
		if err != nil {
			return nil, err
		}
		response, err := client.Do(request)
		if err != nil {
			return nil, err
		}
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(response.Body)
		if err == nil && response.StatusCode != http.StatusOK {
			err = fmt.Errorf("%s: %s", response.Status, body)
		}
		return body, err
	}}
}

// docker runs a command of Docker's.
func docker(t *testing.T, args ...string) string {
	t.Helper()
	return trial.Run(t, 15*time.Minute, "docker", args...)
}

// lines are the words of each line that is not empty.
func lines(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' })
}

// nothingLeft requires that no container, volume or network of that label exists.
func nothingLeft(t *testing.T, label string) {
	t.Helper()
	require.Eventually(t, func() bool {
		for _, kind := range [][]string{{"ps", "-aq"}, {"volume", "ls", "-q"}, {"network", "ls", "-q"}} {
			if docker(t, append(kind, "--filter", "label="+label)...) != "" {
				return false
			}
		}
		return true
	}, 2*time.Minute, time.Second)
}
