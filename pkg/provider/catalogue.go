package provider

import (
	"cmp"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"sync"
)

// parsed keeps the presets that were asked for: the files are part of the binary, and a
// configuration asks for the same ones again and again.
var parsed sync.Map // from id to *Preset

// Lookup returns the preset of an id, and whether there is one. It is shared, and not to
// be changed.
func Lookup(id string) (*Preset, bool) {
	if known, ok := parsed.Load(id); ok {
		preset, ok := known.(*Preset)
		return preset, ok
	}
	preset, err := read(id)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false
	}
	parsed.Store(id, must(preset, err))
	return preset, true
}

// All returns every preset, in alphabetical order of the ids.
func All() []*Preset {
	names := ids()
	presets := make([]*Preset, len(names))
	for i, id := range names {
		presets[i] = must(read(id))
	}
	return presets
}

// must stops at a preset or an expression that does not parse. They are part of the
// binary and a test parses each, so that no user can meet this.
func must[T any](parsed T, err error) T {
	if err != nil {
		panic(err)
	}
	return parsed
}

const (
	maxSuggestions = 3
	maxIDLength    = 64
)

// Suggest returns up to three ids that somebody who wrote id may have meant,
// the nearest first: ids that hold the text or are held by it, and ids at a
// small edit distance. It returns none when nothing is near.
func Suggest(id string) []string {
	id = strings.ToLower(id)
	if id == "" || len(id) > maxIDLength {
		return nil
	}
	type candidate struct {
		id       string
		distance int
	}
	var near []candidate
	for _, known := range ids() {
		d := editDistance(id, known)
		if len(id) > 2 && (strings.Contains(known, id) || strings.Contains(id, known)) {
			d = min(d, 1)
		}
		if d <= 1+len(id)/4 {
			near = append(near, candidate{known, d})
		}
	}
	slices.SortStableFunc(near, func(a, b candidate) int { return cmp.Compare(a.distance, b.distance) })
	suggestions := make([]string, 0, maxSuggestions)
	for _, c := range near[:min(len(near), maxSuggestions)] {
		suggestions = append(suggestions, c.id)
	}
	return suggestions
}

// editDistance counts the single-byte insertions, deletions and replacements
// between two texts (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
