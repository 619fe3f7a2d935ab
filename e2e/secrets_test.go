package e2e

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/topology"
)

// Editors and shells add byte order marks and line breaks, which no sender signs with.
func TestASecretWithALineBreakIsThatOfItsSender(t *testing.T) {
	t.Parallel()
	for name, secret := range map[string]string{"a line break": githubSecret + "\n", "of Windows": githubSecret + "\r\n", "a mark": "\ufeff" + githubSecret} {
		s := setup(t, plain)
		s.env["GITHUB_WEBHOOK_SECRET"] = secret
		s.startGateway()
		require.NotEmpty(t, s.accept(newGithubEvent(1)), name)
	}
}

// The secrets of compose.yaml are made on each machine: none are in the repository, and
// what was made once is never written over.
func TestSecretsOfComposeAreMadeOnceAndKeptFromOthers(t *testing.T) {
	t.Parallel()
	tracked, err := exec.Command("git", "-C", "..", "ls-files", "compose/secrets").Output()
	require.NoError(t, err)
	require.Empty(t, string(tracked), "they would be public")
	require.NoError(t, exec.Command("git", "-C", "..", "check-ignore", "--quiet", "compose/secrets/gateway/github").Run())

	folder := filepath.Join(t.TempDir(), "secrets")
	newSecrets := func() error { return exec.Command("../compose/new-secrets", folder).Run() }
	require.NoError(t, newSecrets())
	require.Equal(t, os.FileMode(0o700), mode(t, folder))
	require.Equal(t, []string{
		"deliverer/broker-deliverer", "deliverer/signing", "gateway/broker-gateway", "gateway/github",
		"operator/api-token", "operator/broker-monitor", "operator/broker-operator", "rabbitmq/broker-definitions",
		"receiver/signing", "topology/broker-topology", "tracker/broker-tracker", "tracker/tokens",
	}, files(t, folder), "each process has what it needs, and nothing of another one's")
	for _, private := range []string{"api-token", "broker-operator", "broker-monitor"} {
		require.Equal(t, os.FileMode(0o600), mode(t, filepath.Join(folder, "operator", private)), private)
	}
	before, err := os.ReadFile(filepath.Join(folder, "gateway", "github"))
	require.NoError(t, err)
	require.Error(t, newSecrets(), "they are there already")
	after, err := os.ReadFile(filepath.Join(folder, "gateway", "github"))
	require.NoError(t, err)
	require.Equal(t, before, after)
}

// files returns the names of all files below the folder.
func files(t *testing.T, folder string) (names []string) {
	t.Helper()
	require.NoError(t, fs.WalkDir(os.DirFS(folder), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, name)
		}
		return err
	}))
	return names
}

func mode(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	return info.Mode().Perm()
}

// granted is what the broker's definitions allow one user.
type granted struct {
	User      string `json:"user"`
	Configure string `json:"configure"`
	Write     string `json:"write"`
	Read      string `json:"read"`
}

func (g granted) allows(right amqpx.Right) bool {
	pattern := map[string]string{amqpx.Configure: g.Configure, amqpx.Write: g.Write, amqpx.Read: g.Read}[right.Kind]
	return pattern != "" && regexp.MustCompile(pattern).MatchString(right.Name) // an empty pattern matches nothing there
}

// The broker of compose.yaml has the users that new-secrets writes. Each may do what its process does, and nothing else
// of what there is.
func TestUsersOfComposeMayDoWhatTheirProcessesDo(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "secrets")
	require.NoError(t, exec.Command("../compose/new-secrets", folder).Run())
	text, err := os.ReadFile(filepath.Join(folder, "rabbitmq", "broker-definitions"))
	require.NoError(t, err)
	var definitions struct {
		Permissions []granted `json:"permissions"`
	}
	require.NoError(t, json.Unmarshal(text, &definitions))
	users := map[string]granted{}
	for _, g := range definitions.Permissions {
		users[g.User] = g
	}
	plan := topology.Plan{Archive: true, Exchange: true, Routes: []topology.Route{{Name: "plain"}, {Name: "in-order", Partitions: 2}}}
	everything := plan.Rights(topology.RoleTopology)
	for _, role := range topology.Roles() {
		require.Contains(t, users, role)
		needs := map[amqpx.Right]bool{}
		for _, right := range plan.Rights(role) {
			needs[right] = true
			require.True(t, users[role].allows(right), "%s lacks %s of %s", role, right.Kind, right.Name)
		}
		for _, right := range everything {
			require.Equal(t, needs[right], users[role].allows(right), "%s: %s of %s", role, right.Kind, right.Name)
		}
	}
}
