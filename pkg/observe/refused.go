package observe

import (
	"context"

	"go.opentelemetry.io/otel/attribute"

	"github.com/penstock/penstock/pkg/instrument"
)

// Refused shows what the broker refuses of the topology, by route, as look returns it. look
// is safe for concurrent use.
func Refused(m *instrument.Maker, look func() map[string]error) {
	m.Observe("penstock.topology.refused", func(_ context.Context, observe instrument.Observation) {
		for route := range look() {
			observe(1, attribute.String("route", route))
		}
	})
}
