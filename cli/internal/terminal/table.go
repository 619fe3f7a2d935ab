package terminal

import (
	"io"
	"strings"
	"unicode/utf8"
)

// Table writes rows in columns that are as wide as their widest cell. The
// first row is the header. Cells are made safe; the last column is not padded.
func Table(w io.Writer, style Style, rows [][]string) error {
	widths := columns(rows)
	var b strings.Builder
	for n, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			cell = Line(cell)
			line.WriteString(cell)
			if i < len(row)-1 {
				line.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
			}
		}
		text := strings.TrimRight(line.String(), " ")
		if n == 0 {
			text = style.Faint(text)
		}
		b.WriteString(text + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func columns(rows [][]string) []int {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(Line(cell)))
		}
	}
	return widths
}
