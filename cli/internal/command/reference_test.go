package command_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/cli/internal/command"
)

var update = flag.Bool("update", false, "write docs/cli.md and docs/man anew")

const referenceHead = `# Command line

The command ` + "`penstock`" + ` helps to set up webhooks and to find out why one fails.
` + "`make build`" + ` builds it as ` + "`bin/penstock`" + `. This page is made of what ` + "`--help`" + ` prints.

`

func root() *cobra.Command {
	return command.New(command.Streams{Env: func(string) (string, bool) { return "", false }})
}

// TestTheReferenceIsUpToDate compares docs/cli.md with the commands' help.
func TestTheReferenceIsUpToDate(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	b.WriteString(referenceHead)
	every(root(), func(c *cobra.Command) { b.WriteString(section(t, c)) })
	path := filepath.Join("..", "..", "..", "docs", "cli.md")
	want := strings.TrimRight(b.String(), "\n") + "\n"
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(want), 0o600))
		require.NoError(t, os.Chmod(path, 0o644))
	}
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	if want != string(got) {
		t.Fatal("docs/cli.md is out of date: run make generate")
	}
}

// every calls do for the command and those below it that are shown in help.
func every(c *cobra.Command, do func(*cobra.Command)) {
	c.InitDefaultHelpFlag()
	c.InitDefaultVersionFlag()
	do(c)
	for _, inner := range c.Commands() {
		if inner.IsAvailableCommand() {
			every(inner, do)
		}
	}
}

// markdown indents the lists of a help text as Markdown wants them: by four
// spaces, after an empty line.
func markdown(text string) string {
	var b strings.Builder
	inside := false
	for line := range strings.Lines(text) {
		indented := strings.HasPrefix(line, "  ")
		if indented && !inside {
			b.WriteString("\n")
		}
		if indented {
			line = "  " + line
		}
		inside = indented
		b.WriteString(line)
	}
	return b.String()
}

// section is one command's part of the page: links between pages become links
// inside of this one.
func section(t *testing.T, c *cobra.Command) string {
	t.Helper()
	c.DisableAutoGenTag = true
	c.Long = markdown(c.Long)
	var b bytes.Buffer
	link := func(name string) string {
		return "#" + strings.ReplaceAll(strings.TrimSuffix(name, ".md"), "_", "-")
	}
	require.NoError(t, doc.GenMarkdownCustom(c, &b, link))
	return b.String() + "\n"
}
