package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/config"
)

// environment is a Lookup in a map.
func environment(values map[string]string) config.Lookup {
	return func(name string) (string, bool) {
		value, found := values[name]
		return value, found
	}
}

// env has what the tests' configurations refer to.
func env() config.Lookup {
	return environment(map[string]string{
		"SECRET": "s3cr3t-value", "TOKEN": "t0k3n-value", "EMPTY": "", "BLANK": " \n",
		"SIGNING": "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0", "BROKEN": "s3cr3t\nvalue",
		"PREFIX": "whsec_", "TEXT": "s3cr3t, but not base64!",
	})
}

// load parses a configuration that must be valid.
func load(t *testing.T, yaml string, parts ...config.Part) *config.Config {
	t.Helper()
	cfg, err := config.Parse("p.yaml", []byte(yaml), env(), parts...)
	require.NoError(t, err)
	return cfg
}

// problems parses a configuration that must not be valid, and returns what is
// wrong with it, a problem a line, without the file's name.
func problems(t *testing.T, yaml string, parts ...config.Part) []string {
	t.Helper()
	cfg, err := config.Parse("p.yaml", []byte(yaml), env(), parts...)
	require.Nil(t, cfg)
	var refused *config.Error
	require.ErrorAs(t, err, &refused)
	lines := make([]string, len(refused.Problems))
	for i, p := range refused.Problems {
		require.Equal(t, "p.yaml", p.File)
		p.File = ""
		lines[i] = p.String()[1:]
	}
	return lines
}

// write makes a file below a folder, with the folders above it.
func write(t *testing.T, content string, path ...string) string {
	t.Helper()
	name := filepath.Join(path...)
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
	require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
	return name
}
