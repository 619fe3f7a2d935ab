package terminal_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/cli/internal/terminal"
)

func env(pairs ...string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1], true
			}
		}
		return "", false
	}
}

func TestOnlyATerminalIsColoured(t *testing.T) {
	t.Parallel()
	style := terminal.StyleFor(&bytes.Buffer{}, env("TERM", "xterm"))
	require.Equal(t, "x", style.Good("x")+style.Bad("")+style.Warn("")+style.Faint("")+style.Strong(""))
	require.False(t, terminal.Is(&bytes.Buffer{}))
	require.False(t, terminal.IsInput(&bytes.Buffer{}))
}

func TestSafeShowsWhatWouldSteerTheTerminal(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain é 😀\n\t": "plain é 😀\n\t",
		"\x1b[2J":       `\x1b[2J`,
		"a\rb\x00":      `a\x0db\x00`,
		"\xff":          `\xff`,
		"\u009b31m":     `\u009b31m`,
		"a\u202eb":      `a\u202eb`,
	} {
		require.Equal(t, want, terminal.Safe(text))
	}
	require.Equal(t, `a\nb\tc`, terminal.Line("a\nb\tc"))
}

func TestTablesLineUp(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	rows := [][]string{{"ID", "NAME"}, {"é", "a long\nname"}, {"long", ""}}
	require.NoError(t, terminal.Table(&b, terminal.Style{}, rows, nil))
	require.Equal(t, "ID    NAME\né     a long\\nname\nlong\n", b.String())
}

func TestWrapKeepsLinesShort(t *testing.T) {
	t.Parallel()
	require.Equal(t, "  aa bb\n  cc\n  ddddddddd", terminal.Wrap("aa bb cc ddddddddd", "  ", 8))
	require.Equal(t, "a\nb", terminal.Wrap("a\nb", "", 80))
}

func TestIndentLeavesEmptyLines(t *testing.T) {
	t.Parallel()
	require.Equal(t, "  a\n\n  b\n", terminal.Indent("a\n\nb\n", "  "))
}

func FuzzSafe(f *testing.F) {
	f.Add("\x1b]0;x\a")
	f.Fuzz(func(t *testing.T, text string) {
		safe := terminal.Line(text)
		require.True(t, utf8.ValidString(safe))
		require.NotContains(t, safe, "\n")
		require.False(t, strings.ContainsFunc(safe, unicode.IsControl))
		require.Equal(t, safe, terminal.Line(safe))
	})
}
