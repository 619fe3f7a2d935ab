package config

import (
	"fmt"
	"strings"
)

// Problem is one thing that is wrong with the configuration, and where.
// It never quotes the value of a secret.
type Problem struct {
	File   string // the file's path as it was given to Load
	Line   int    // from 1; 0 when the problem is the file itself
	Column int    // from 1, in characters
	Path   string // the place in the document, such as sources.github.secrets[0]
	Text   string // what is wrong, and what would be right
}

// String returns "file:line:column: path: text", as compilers write it.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	if p.Path != "" {
		b.WriteString(": " + p.Path)
	}
	b.WriteString(": " + p.Text)
	return b.String()
}

// Error is what Load returns for a file that it refuses: every problem of it,
// in the order of the file.
type Error struct{ Problems []Problem }

// Error returns the problems, one a line.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}
