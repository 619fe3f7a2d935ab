// Package instrument is the one table of Penstock's metrics, and makes the
// OpenTelemetry instruments that it describes.
//
//	make := instrument.From(meter)
//	received := make.Counter("penstock.received")
//	make.Observe("penstock.in_flight", func(observe func(int64, ...attribute.KeyValue)) { observe(budget.Used()) })
//	if err := make.Err(); err != nil { … }
//
// A metric that is not in the table cannot be made, so what a process exposes and what
// docs/metrics.md lists cannot drift apart: the page is generated from the table.
//
// Labels are the names of sources, routes and destinations, which the operator gave,
// and closed sets. Nothing that a sender chooses is ever one. What is counted for each
// event is labelled without an allocation by options that are made once:
//
//	labels := instrument.Label(attribute.String("source", name))
//	received.Add(ctx, 1, labels.Add...)
package instrument
