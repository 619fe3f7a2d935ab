// Package filter decides by an expression whether a route takes an event.
//
//	f, err := filter.Compile(`type.startsWith("invoice.") && body.data.amount > 0`)
//	…
//	taken, err := f.Match(ctx, e)
//
// Package expression says what an expression is, and what it sees of the event. A
// [Filter] is safe for concurrent use, and what it may cost is bounded.
package filter
