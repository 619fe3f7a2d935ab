package main

import (
	"regexp"
	"slices"
)

var settingRow = regexp.MustCompile("(?m)^\\| `(PENSTOCK_[A-Z0-9_]+)` \\|")

// settingNames returns the names of all settings in the page of them, in order.
func settingNames(page []byte) (names []string) {
	for _, m := range settingRow.FindAllSubmatch(page, -1) {
		names = append(names, string(m[1]))
	}
	slices.Sort(names)
	return slices.Compact(names)
}
