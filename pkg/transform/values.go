package transform

import (
	"strings"

	"github.com/penstock/penstock/pkg/event"
)

// described returns the fields with those that describe the body being true of the
// new one.
func described(fields []event.Field) []event.Field {
	out := make([]event.Field, 0, len(fields)+1)
	for _, f := range fields {
		switch strings.ToLower(f.Name) {
		case "content-type", "content-encoding", "content-length", "content-md5", "digest", "content-digest", "repr-digest", "etag":
		default:
			out = append(out, f)
		}
	}
	return append(out, event.Field{Name: "Content-Type", Value: "application/json"})
}
