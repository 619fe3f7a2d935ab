package strict

import (
	"slices"
	"strconv"
	"strings"
)

// Position is a place in a file. Both numbers start from 1; zero is no place.
type Position struct{ Line, Column int }

// Problem is one mistake.
type Problem struct {
	Position
	Path string // such as sources.github.secrets[0]; empty for the whole document
	Text string
}

// Document is what was learnt about a file besides its values.
type Document struct {
	Problems []Problem
	places   map[string]Position
}

// At returns the place of the value at path or, when the file does not have it,
// of the nearest one that it would be part of.
func (d *Document) At(path string) Position {
	for {
		if p, ok := d.places[path]; ok || path == "" {
			return p
		}
		path = parent(path)
	}
}

// Has reports whether the file has a value at path.
func (d *Document) Has(path string) bool {
	_, ok := d.places[path]
	return ok
}

// maxProblems is how many problems are reported. Nobody reads more, and looking
// through them must not take long.
const maxProblems = 1000

// Add adds a problem, up to a thousand of them.
func (d *Document) Add(p Problem) {
	if len(d.Problems) < maxProblems {
		d.Problems = append(d.Problems, p)
	}
}

// full reports whether there is no room for another problem.
func (d *Document) full() bool { return len(d.Problems) >= maxProblems }

// Sort puts the problems in the order of the file.
func (d *Document) Sort() {
	slices.SortStableFunc(d.Problems, func(a, b Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
}

// Key returns the path of the value that key has in the mapping at path.
func Key(path, key string) string {
	switch {
	case key == "" || strings.ContainsFunc(key, unplain):
		return path + "[" + strconv.Quote(key) + "]"
	case path == "":
		return key
	default:
		return path + "." + key
	}
}

// Index returns the path of the i-th item, from 0, of the list at path.
func Index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

func unplain(r rune) bool {
	return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

// parent cuts the last part of a path. A quoted key may itself hold dots and
// brackets; cutting within it still ends at a path that exists.
func parent(path string) string { return path[:max(strings.LastIndexAny(path, ".["), 0)] }
