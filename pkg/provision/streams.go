package provision

import (
	"maps"
	"slices"

	"github.com/penstock/penstock/pkg/config"
)

// NeedsStreams returns a *config.Error that names what in the configuration, which is in
// the file, works with streams only; nil when nothing does.
func NeedsStreams(file string, c *config.Config) error {
	var refused config.Error
	for _, name := range slices.Sorted(maps.Keys(c.Sources)) {
		if c.Sources[name].Quarantine {
			refused.Problems = append(refused.Problems, config.Problem{
				File: file, Path: "sources." + name + ".quarantine",
				Text: "the quarantine is a stream, and PENSTOCK_STREAMS is off: take it out, or use a broker with streams",
			})
		}
	}
	if len(refused.Problems) == 0 {
		return nil
	}
	return &refused
}
