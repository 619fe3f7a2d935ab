// Package app puts the deliverer and the tracker together, so that main and tests start
// the same thing:
//
//	deliverer, err := app.NewDeliverer(ctx, settings, os.LookupEnv, log)
//	…
//	err = deliverer.Run(ctx) // until ctx is done and everything has stopped
//
// It needs no broker to start: it connects, declares the topology and consumes as
// soon as there is one, and /readyz says what is missing until then.
//
// When the configuration changes, only what is different is touched (fleet.go): a
// new route starts, a removed one finishes what it has begun and stops, and of a
// changed one the new form starts before the old one stops.
//
// The tracker is put together in the same way: [NewTracker]. Its files begin with track;
// service.go is what both have in common, and all other files are the deliverer's.
package app
