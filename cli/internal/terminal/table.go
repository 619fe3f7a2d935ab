package terminal

import (
	"io"
	"slices"
	"strings"

	"github.com/rivo/uniseg"
)

const (
	gap       = 2 // spaces between columns
	narrowest = 6 // what is left of a column that gives room, in characters
)

// Paint colours a cell of a table. It returns the text of the column, which it may
// surround, but not change.
type Paint func(column int, text string) string

// Table writes rows in columns that are as wide as their widest cell. The first row
// is the header. Cells are made safe. Where a line has no room for all of it, the
// widest columns are cut, but never the first, which names the row. Paint may be nil.
func Table(w io.Writer, style Style, rows [][]string, paint Paint) error {
	if paint == nil {
		paint = func(_ int, text string) string { return text }
	}
	safe := make([][]string, len(rows))
	for i, row := range rows {
		for _, cell := range row {
			safe[i] = append(safe[i], Line(cell))
		}
	}
	widths := fit(columns(safe), style.width)
	var b strings.Builder
	for n, row := range safe {
		tint := paint
		if n == 0 {
			tint = func(_ int, text string) string { return style.Faint(text) }
		}
		b.WriteString(line(row, widths, tint) + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func line(row []string, widths []int, paint Paint) string {
	last := len(row) - 1
	for last > 0 && row[last] == "" {
		last--
	}
	var b strings.Builder
	for i, cell := range row[:last+1] {
		text := cut(cell, widths[i])
		b.WriteString(paint(i, text))
		if i < last {
			b.WriteString(strings.Repeat(" ", widths[i]-uniseg.StringWidth(text)+gap))
		}
	}
	return b.String()
}

func columns(rows [][]string) []int {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], uniseg.StringWidth(cell))
		}
	}
	return widths
}

// fit takes from the widest columns until a line has room for all of them.
func fit(widths []int, room int) []int {
	if room == 0 {
		return widths
	}
	for total(widths) > room {
		rest := widths[1:]
		widest := 0
		for i := range rest {
			if rest[i] > rest[widest] {
				widest = i
			}
		}
		if len(rest) == 0 || rest[widest] <= narrowest {
			return widths
		}
		rest[widest]--
	}
	return widths
}

func total(widths []int) int {
	sum := gap * (len(widths) - 1)
	for w := range slices.Values(widths) {
		sum += w
	}
	return sum
}

// cut shortens text to a number of columns.
func cut(text string, width int) string {
	if uniseg.StringWidth(text) <= width {
		return text
	}
	var b strings.Builder
	room := width - 1
	for g := uniseg.NewGraphemes(text); g.Next() && g.Width() <= room; room -= g.Width() {
		b.WriteString(g.Str())
	}
	return strings.TrimRight(b.String(), " ") + "…"
}
