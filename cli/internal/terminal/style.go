package terminal

import (
	"io"
	"os"
)

// Style colours text, or leaves it as it is. The zero value leaves it.
type Style struct{ colour bool }

// StyleFor returns the style for a writer: coloured when it is a terminal,
// NO_COLOR (https://no-color.org) is not set and TERM is not "dumb".
func StyleFor(w io.Writer, env func(string) (string, bool)) Style {
	if value, _ := env("NO_COLOR"); value != "" {
		return Style{}
	}
	if term, _ := env("TERM"); term == "dumb" {
		return Style{}
	}
	return Style{colour: Is(w)}
}

// Is reports whether the writer is a terminal.
func Is(w io.Writer) bool { return isDevice(w) }

// IsInput reports whether the reader is a terminal.
func IsInput(r io.Reader) bool { return isDevice(r) }

func isDevice(stream any) bool {
	file, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// Good is for what went well.
func (s Style) Good(text string) string { return s.paint("32", text) }

// Bad is for what went wrong.
func (s Style) Bad(text string) string { return s.paint("31", text) }

// Warn is for what deserves a look.
func (s Style) Warn(text string) string { return s.paint("33", text) }

// Strong is for what to read first.
func (s Style) Strong(text string) string { return s.paint("1", text) }

// Faint is for what to read last.
func (s Style) Faint(text string) string { return s.paint("2", text) }

func (s Style) paint(code, text string) string {
	if !s.colour || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}
