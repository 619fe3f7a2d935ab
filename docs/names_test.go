package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// slurp reads files of the repository into one text.
func slurp(t *testing.T, paths ...string) string {
	t.Helper()
	var all strings.Builder
	for _, path := range paths {
		data, err := os.ReadFile(filepath.Join(root, path))
		require.NoError(t, err)
		all.Write(data)
	}
	return all.String()
}

// mentions calls back with everything on the written pages that the pattern's group matches.
func mentions(t *testing.T, pattern string, check func(p *page, name string)) {
	t.Helper()
	re, n := regexp.MustCompile(pattern), 0
	for _, p := range written(t) {
		for _, m := range re.FindAllStringSubmatch(p.text, -1) {
			n++
			check(p, m[1])
		}
	}
	require.Positive(t, n, "nothing like %s was found", pattern)
}

func TestEverySettingThatIsNamedIsThere(t *testing.T) {
	t.Parallel()
	// Those of the processes, of the command, of Compose, and of the scripts.
	known := slurp(t, "docs/reference/settings.md", "docs/cli.md", "compose.yaml", ".ci/broker", ".ci/test-brokers", "pkg/amqpx/amqptest/broker.go")
	mentions(t, `\b(PENSTOCK_[A-Z][A-Z_]*[A-Z])\b`, func(p *page, name string) {
		require.Contains(t, known, name, "%s names %s, which no process reads", p.path, name)
	})
}

func TestEveryMetricThatIsNamedIsThere(t *testing.T) {
	t.Parallel()
	known := slurp(t, "docs/metrics.md")
	mentions(t, "`(penstock_[a-z_]+[a-z])", func(p *page, name string) {
		require.Contains(t, known, name, "%s names %s, which no process exports", p.path, name)
	})
}

func TestEveryMakeTargetThatIsNamedIsThere(t *testing.T) {
	t.Parallel()
	makefile := slurp(t, "Makefile")
	mentions(t, "(?m)(?:`|^)(?:[A-Z_]+=\\S+ )*make ([a-z][a-z0-9-]*)", func(p *page, name string) {
		require.Contains(t, makefile, "\n"+name+":", "%s names make %s", p.path, name)
	})
}

var (
	command = regexp.MustCompile(`(?m)^(?:\$ |.*\| |.*\$\()?penstock ((?:[a-z]+(?:-[a-z]+)* ?)*[a-z]+(?:-[a-z]+)*)\b(.*(?:\\\n.*)*)`)
	flag    = regexp.MustCompile(` (--[a-z-]+)`)
)

// The commands are those that docs/cli.md, which is made from the program, has.
func TestEveryCommandAndFlagIsThere(t *testing.T) {
	t.Parallel()
	cli := slurp(t, "docs/cli.md")
	check := func(t *testing.T, b *block) {
		for _, m := range command.FindAllStringSubmatch(b.text, -1) {
			section := sectionOf(cli, strings.Fields(m[1]))
			require.NotEmpty(t, section, "%s: there is no command penstock %s", b, m[1])
			flags, _, _ := strings.Cut(m[2], "|")
			for _, f := range flag.FindAllStringSubmatch(flags, -1) {
				require.Contains(t, section, f[1]+" ", "%s: penstock %s has no %s", b, m[1], f[1])
			}
		}
	}
	each(t, "sh", check)
	each(t, "console", check)
}

// sectionOf returns what is said of the longest command that the words begin with.
func sectionOf(cli string, words []string) string {
	for n := len(words); n > 0; n-- {
		_, section, found := strings.Cut(cli, "\n## penstock "+strings.Join(words[:n], " ")+"\n")
		if found {
			section, _, _ = strings.Cut(section, "\n## ")
			return section
		}
	}
	return ""
}
