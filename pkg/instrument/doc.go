// Package instrument is the one table of Penstock's metrics, and makes the
// OpenTelemetry instruments that it describes.
//
//	maker := instrument.From(meter)
//	received := maker.Counter("penstock.received")
//	maker.Observe("penstock.in_flight", func(ctx context.Context, observe instrument.Observation) { observe(used()) })
//	if err := maker.Err(); err != nil { … }
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
//
// Where even that is too much, a [Tally] is a counter that is asked for what it counted.
package instrument
