package terminal

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/rivo/uniseg"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestATableIsCutToTheTerminalAndKeepsItsFirstColumn(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	rows := [][]string{{"ID", "TEXT", "N"}, {"0123456789", "a long text, 😀😀 and more", "1"}, {"x", "", ""}}
	require.NoError(t, Table(&b, Style{width: 30}, rows, func(_ int, text string) string { return "<" + text + ">" }))
	require.Equal(t, strings.Join([]string{
		"ID          TEXT             N",
		"<0123456789>  <a long text,…>    <1>",
		"<x>", "",
	}, "\n"), b.String())
}

func TestNoLineOfATableIsWiderThanTheTerminal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.SliceOfN(rapid.StringN(0, 40, -1), 4, 4), 1, 5).Draw(t, "rows")
		for i := range rows {
			rows[i][0] = "name"
		}
		width := rapid.IntRange(4+3*(narrowest+gap), 100).Draw(t, "width")
		var b bytes.Buffer
		require.NoError(t, Table(&b, Style{width: width}, rows, nil))
		for text := range strings.Lines(b.String()) {
			require.LessOrEqual(t, uniseg.StringWidth(strings.TrimRight(text, "\n")), width)
		}
	})
}

func TestProgressIsLinesWhereNoBarCanBeDrawn(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	now := time.Unix(0, 0)
	p := NewProgress(&b, Style{}, "replaying", func() time.Time { return now })
	p.Set(1, 200)
	require.Empty(t, b.String(), "not each step")
	now = now.Add(often)
	p.Set(50, 200)
	p.Set(51, 200)
	now = now.Add(often)
	p.Set(60, 0)
	p.Done()
	require.Equal(t, "replaying: 50 of 200 (25 %)\nreplaying: 60 done\n", b.String())
}

func TestProgressIsABarOnATerminal(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	p := NewProgress(&b, Style{live: true, width: 80}, "replaying", time.Now)
	p.Set(50, 200)
	p.Set(200, 200)
	p.Done()
	require.Contains(t, b.String(), "replaying")
	require.Contains(t, b.String(), "\r")
	require.NotContains(t, b.String(), "\x1b[3", "a bar has no colour")
}
