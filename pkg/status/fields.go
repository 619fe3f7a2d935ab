package status

import (
	"maps"
	"slices"
)

// The bounds of Fields. Those that come later in the order of their names are left out.
const (
	maxFields     = 16
	maxFieldBytes = 512 // of names and values together
)

// Fields are header fields of an answer, each with its first value. Which they are is up
// to who writes them: none may hold a credential.
type Fields map[string]string

// bounded returns what fits, as texts that every store takes; nil when that is nothing.
func (f Fields) bounded() Fields {
	var kept Fields
	left := maxFieldBytes
	for _, name := range slices.Sorted(maps.Keys(f)) {
		text := cut(name)
		value := cut(f[name])
		if left -= len(text) + len(value); left < 0 || len(kept) == maxFields {
			break
		}
		if kept == nil {
			kept = Fields{}
		}
		kept[text] = value
	}
	return kept
}
