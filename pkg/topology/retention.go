package topology

import (
	"cmp"
	"regexp"
)

// Retention is how long a stream keeps its messages.
type Retention struct {
	Stream   string
	MaxAge   string // as RabbitMQ writes it: 7D, 12h; empty means no limit
	MaxBytes int64  // zero means no limit
}

// The arguments that bound a stream. RabbitMQ lets no declaration change them.
const (
	argMaxAge   = "x-max-age"
	argMaxBytes = "x-max-length-bytes"
)

// Retention returns the bounds of all streams that have a setting for it. Without streams it
// is that of the queue of status records, which has no age.
func (p Plan) Retention() []Retention {
	if p.NoStreams {
		return []Retention{{Stream: Status, MaxBytes: cmp.Or(p.StatusMaxBytes, 2<<30)}}
	}
	bounds := []Retention{{Status, cmp.Or(p.StatusMaxAge, "7D"), cmp.Or(p.StatusMaxBytes, 2<<30)}}
	if p.Archive {
		bounds = append(bounds, Retention{Archive, p.ArchiveMaxAge, p.ArchiveMaxBytes})
	}
	if p.Quarantine {
		bounds = append(bounds, Retention{Quarantine, p.QuarantineMaxAge, p.QuarantineMaxBytes})
	}
	return bounds
}

// Pattern matches the stream's name alone, as a policy wants it.
func (r Retention) Pattern() string { return "^" + regexp.QuoteMeta(r.Stream) + "$" }

// bounded returns the arguments of a stream that has a setting for it.
func (p Plan) bounded(name string) map[string]any {
	kind := stream
	if p.NoStreams {
		kind = records
	}
	for _, r := range p.Retention() {
		if r.Stream == name && !p.ByPolicy {
			return kind(r.MaxAge, r.MaxBytes)
		}
	}
	return kind("", 0)
}

// IsRetention reports whether an argument of a stream only says how long it keeps messages.
func IsRetention(argument string) bool { return argument == argMaxAge || argument == argMaxBytes }
