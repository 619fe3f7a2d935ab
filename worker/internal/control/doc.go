// Package control connects trackers and deliverers, which have nothing in common but the
// broker.
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
package control
