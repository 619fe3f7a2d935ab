// Package control connects trackers with deliverers and gateways, which have nothing in
// common but the broker.
//
// What a person wants goes from the tracker to the deliverers, over the stream
// penstock.control. Each message is a [Command]: all of it, not a change, so the last one
// says everything, also to a deliverer that starts a month later:
//
//	listener := control.NewListener(consumer, apply, log)
//	go listener.Run(ctx)
//	<-listener.Settled() // what was said before is known
//
// How the deliverers see their destinations goes the other way, over penstock.reports: a
// [Report] whenever something changes, and every ten seconds. Nothing depends on it; it
// is there to be looked at:
//
//	fleet := control.NewFleet(consumer, log)
//	go fleet.Run(ctx)
//	reports := fleet.Reports()
//
// Gateways report to the same stream which requests they refused (package refusal). The
// active tracker stores that:
//
//	collector := &control.Collector{Consumer: consumer, Store: s, Log: log}
//	collector.Run(ctx)
package control
