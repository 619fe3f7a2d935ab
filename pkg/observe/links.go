package observe

import (
	"context"

	"go.opentelemetry.io/otel/attribute"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/instrument"
)

// Uses tell how a process' connections stand, by what they are for. One that is nil is
// none that the process has.
type Uses struct {
	Publish, Consume func() amqpx.Links
}

// Links shows how the connections stand.
func Links(m *instrument.Maker, u Uses) {
	m.Observe("penstock.broker.connections", func(_ context.Context, observe instrument.Observation) {
		u.each(func(l amqpx.Links, use attribute.KeyValue) { observe(float64(l.Up), use) })
	})
	m.Observe("penstock.broker.connects", func(_ context.Context, observe instrument.Observation) {
		u.each(func(l amqpx.Links, use attribute.KeyValue) { observe(float64(l.Made), use) })
	})
	if u.Publish == nil {
		return
	}
	m.Observe("penstock.broker.blocked", func(_ context.Context, observe instrument.Observation) {
		observe(map[bool]float64{true: 1}[u.Publish().Blocked])
	})
}

func (u Uses) each(see func(amqpx.Links, attribute.KeyValue)) {
	if u.Publish != nil {
		see(u.Publish(), attribute.String("use", "publish"))
	}
	if u.Consume != nil {
		see(u.Consume(), attribute.String("use", "consume"))
	}
}
