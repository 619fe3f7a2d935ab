package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// mounted is a folder as the kubelet keeps one for a ConfigMap or a Secret: the
// files are links through ..data, which leads to a folder of one generation.
type mounted struct {
	t      *testing.T
	dir    string
	behind string // the folder of the generation that ..data leads to
	keep   bool   // whether old generations stay
}

func mount(t *testing.T, files map[string]string) *mounted {
	t.Helper()
	m := &mounted{t: t, dir: t.TempDir()}
	m.swap(files)
	for name := range files {
		require.NoError(t, os.Symlink(filepath.Join("..data", name), filepath.Join(m.dir, name)))
	}
	return m
}

// swap moves ..data to a new generation and removes the old one, step by step as
// the kubelet does.
func (m *mounted) swap(files map[string]string) {
	m.t.Helper()
	next, err := os.MkdirTemp(m.dir, "..gen")
	require.NoError(m.t, err)
	for name, content := range files {
		write(m.t, content, next, name)
	}
	link := filepath.Join(m.dir, "..data_tmp")
	require.NoError(m.t, os.Symlink(filepath.Base(next), link))
	require.NoError(m.t, os.Rename(link, filepath.Join(m.dir, "..data")))
	if m.behind != "" && !m.keep {
		require.NoError(m.t, os.RemoveAll(m.behind))
	}
	m.behind = next
}

func (m *mounted) path(name string) string { return filepath.Join(m.dir, name) }

func TestWatchSeesAConfigMapSwap(t *testing.T) {
	t.Parallel()
	m := mount(t, map[string]string{"p.yaml": with("github")})
	f := follow(t, onEvents(m.path("p.yaml")))
	f.until("github")
	for _, provider := range []string{"stripe", "slack", "github", "stripe"} {
		m.swap(map[string]string{"p.yaml": with(provider)})
		f.until(provider)
	}
	require.Empty(t, f.failed, "a swap is never seen half-done")
}

func TestWatchSeesASwapBehindAnotherLink(t *testing.T) {
	t.Parallel()
	m := mount(t, map[string]string{"p.yaml": with("github")})
	m.keep = true // so that nothing happens in the folder that the link ends in
	link := filepath.Join(t.TempDir(), "linked.yaml")
	require.NoError(t, os.Symlink(m.path("p.yaml"), link))
	f := follow(t, onEvents(link))
	f.until("github")
	for _, provider := range []string{"stripe", "slack"} {
		m.swap(map[string]string{"p.yaml": with(provider)})
		f.until(provider)
	}
}

func TestWatchSeesARotatedSecret(t *testing.T) {
	t.Parallel()
	m := mount(t, map[string]string{"secret": "first\n"})
	file := write(t, `sources: {s: {provider: github, secrets: ["file:`+m.path("secret")+`"]}}`, t.TempDir(), "p.yaml")
	f := follow(t, onEvents(file))
	require.Equal(t, "first", f.until("github").Sources["s"].Secrets[0].Reveal())
	m.swap(map[string]string{"secret": "second\n"})
	require.Equal(t, "second", f.until("github").Sources["s"].Secrets[0].Reveal())
	m.swap(map[string]string{"secret": "\n"})
	f.refusal("is empty")
	m.swap(map[string]string{"secret": "third\n"})
	require.Equal(t, "third", f.until("github").Sources["s"].Secrets[0].Reveal())
}

func TestWatchFollowsToTheFilesOfANewConfiguration(t *testing.T) {
	t.Parallel()
	secrets := mount(t, map[string]string{"a": "first"})
	file := write(t, with("github"), t.TempDir(), "p.yaml")
	f := follow(t, onEvents(file))
	f.until("github")
	replace(t, `sources: {s: {provider: slack, secrets: ["file:`+secrets.path("a")+`"]}}`, file)
	f.until("slack")
	secrets.swap(map[string]string{"a": "second"})
	require.Equal(t, "second", f.until("slack").Sources["s"].Secrets[0].Reveal())
}

func TestWatchFindsAMissingSecretLater(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	secret := filepath.Join(dir, "secrets", "a")
	require.NoError(t, os.Mkdir(filepath.Dir(secret), 0o755))
	file := write(t, `sources: {s: {provider: github, secrets: ["file:`+secret+`"]}}`, dir, "p.yaml")
	f := follow(t, onEvents(file))
	f.refusal("no such file")
	write(t, "there it is", secret)
	require.Equal(t, "there it is", f.until("github").Sources["s"].Secrets[0].Reveal())
}
