package docs_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/config"
)

// each goes through the blocks of a language, on the pages that people wrote.
func each(t *testing.T, language string, check func(t *testing.T, b *block)) {
	t.Helper()
	n := 0
	for _, p := range written(t) {
		for _, b := range p.blocks {
			if b.language == language {
				n++
				t.Run(b.String(), func(t *testing.T) {
					t.Parallel()
					check(t, b)
				})
			}
		}
	}
	require.Positive(t, n, "no block of %s was found", language)
}

var named = regexp.MustCompile(`^(?:#|//) (\S+\.[a-z]+)\n`)

// file returns the path that the block's first line names, and what is behind that line.
func (b *block) file() (path, text string) {
	if m := named.FindStringSubmatch(b.text); m != nil {
		return m[1], strings.TrimPrefix(b.text, m[0])
	}
	return "", b.text
}

func TestEveryBlockIsOfAKindThatIsTested(t *testing.T) {
	t.Parallel()
	for _, p := range written(t) {
		for _, b := range p.blocks {
			require.Contains(t, []string{"sh", "console", "yaml", "json", "go", "python", "text", "promql", "http"}, b.language, "%s", b)
			switch b.note {
			case "", "eventually":
				require.Empty(t, b.argument, "%s", b)
			case "not run", "not loaded", "runs until", "exits":
				require.NotEmpty(t, b.argument, "%s: say why, or what", b)
			default:
				require.Fail(t, "unknown note", "%s: %q", b, b.note)
			}
		}
	}
}

func TestJSONParses(t *testing.T) {
	t.Parallel()
	each(t, "json", func(t *testing.T, b *block) {
		require.True(t, json.Valid([]byte(b.text)), "%s", b)
	})
}

func TestShellParses(t *testing.T) {
	t.Parallel()
	each(t, "sh", func(t *testing.T, b *block) {
		cmd := exec.CommandContext(t.Context(), "bash", "-n")
		cmd.Stdin = strings.NewReader(b.text)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s: %s", b, out)
	})
}

// Excerpts of files that are compiled, linted and run as every other file.
func TestGoAndPythonAreExcerptsOfFiles(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"go", "python"} {
		each(t, language, func(t *testing.T, b *block) {
			path, text := b.file()
			require.NotEmpty(t, path, "%s: the first line must be a comment with the file's path", b)
			whole, err := os.ReadFile(filepath.Join(root, path))
			require.NoError(t, err, "%s", b)
			for part := range strings.SplitSeq(text, "…\n") {
				require.Contains(t, string(whole), strings.Trim(part, "\n"), "%s is not what %s says", b, path)
			}
		})
	}
}

func TestYAMLIsWhatTheLoaderTakes(t *testing.T) {
	t.Parallel()
	each(t, "yaml", func(t *testing.T, b *block) {
		var tree map[string]any
		require.NoError(t, yaml.Unmarshal([]byte(b.text), &tree), "%s", b)
		path, _ := b.file()
		switch {
		case b.note == "not loaded":
		case filepath.Base(path) == "values.yaml":
			requireConfig(t, b, tree["config"])
		default:
			requireConfig(t, b, tree)
		}
	})
}

// requireConfig loads configuration as the processes do, but for its secrets. What an
// excerpt leaves out is put in: the sources and destinations that its routes refer to.
func requireConfig(t *testing.T, b *block, tree any) {
	t.Helper()
	parts, ok := tree.(map[string]any)
	require.True(t, ok, "%s is no configuration", b)
	complete(parts)
	whole, err := yaml.Marshal(parts)
	require.NoError(t, err)
	_, err = config.Parse(b.String(), whole, os.LookupEnv, config.NoSecrets)
	require.NoError(t, err)
}

func complete(parts map[string]any) {
	sources, hasSources := parts["sources"].(map[string]any)
	destinations, hasDestinations := parts["destinations"].(map[string]any)
	routes, _ := parts["routes"].(map[string]any)
	if !hasSources {
		sources = map[string]any{"any": map[string]any{"open": true}}
		parts["sources"] = sources
	}
	if !hasDestinations {
		destinations = map[string]any{}
		parts["destinations"] = destinations
	}
	for _, route := range routes {
		route, _ := route.(map[string]any)
		from, _ := route["from"].([]any)
		for _, name := range from {
			if name, ok := name.(string); ok && !hasSources {
				sources[name] = map[string]any{"open": true}
			}
		}
		if to, ok := route["to"].(string); ok && !hasDestinations {
			destinations[to] = map[string]any{"url": "https://destination.example/"}
		}
	}
}

func TestABrokenSnippetIsSeen(t *testing.T) {
	t.Parallel()
	parts := map[string]any{"routes": map[string]any{"a": map[string]any{"from": []any{"x"}, "to": "y"}}}
	complete(parts)
	require.Contains(t, parts["sources"], "x")
	require.Contains(t, parts["destinations"], "y")
	_, err := config.Parse("page.md:1", []byte("sources: {x: {provder: github}}"), os.LookupEnv, config.NoSecrets)
	require.ErrorContains(t, err, "provder")
}
