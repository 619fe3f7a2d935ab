package terminal

import (
	"io"
	"os"

	"golang.org/x/term"
)

// Style colours text, or leaves it as it is, and knows how wide a line may be. The
// zero value is for a file or a pipe: no colour, any width, nothing that moves.
type Style struct {
	colour bool
	live   bool // a line can be drawn over, as a progress bar does
	width  int
}

// StyleFor returns the style for a writer: coloured when it is a terminal,
// NO_COLOR (https://no-color.org) is not set and TERM is not "dumb".
func StyleFor(w io.Writer, env func(string) (string, bool)) Style {
	file, ok := w.(*os.File)
	if !ok || !Is(w) {
		return Style{}
	}
	kind, _ := env("TERM")
	plain, _ := env("NO_COLOR")
	s := Style{live: kind != "dumb"}
	s.colour = s.live && plain == ""
	if width, _, err := term.GetSize(int(file.Fd())); err == nil {
		s.width = width
	}
	return s
}

// Width is how many characters a line has room for; zero: as many as it needs.
func (s Style) Width() int { return s.width }

// Is reports whether the writer is a terminal.
func Is(w io.Writer) bool { return isTerminal(w) }

// IsInput reports whether the reader is a terminal.
func IsInput(r io.Reader) bool { return isTerminal(r) }

func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
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
