package ingest

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/penstock/penstock/pkg/instrument"
)

// labels are those of a source's measurements, made ready once.
type labels struct {
	source     instrument.Labels
	refusals   *instrument.Cache[string]
	handshakes *instrument.Cache[string]
}

// proof is how a request proved who sent it. The key is one that the configuration
// names, and empty when the method leaves the name to the sender.
type proof struct{ method, key string }

func newLabels(name string) *labels {
	source := attribute.String("source", name)
	by := func(label string) *instrument.Cache[string] {
		return instrument.NewCache(func(value string) []attribute.KeyValue {
			return []attribute.KeyValue{source, attribute.String(label, value)}
		})
	}
	return &labels{
		source:     instrument.Label(source),
		refusals:   by("reason"),
		handshakes: by("kind"),
	}
}
