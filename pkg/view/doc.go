// Package view is what filters, ordering keys and transformations see of an event.
//
//	v, done := view.Of(ctx, e)
//	defer done()
//	body, err := v.Body(ctx)
//
// A body is read when a rule asks for it, and not before: without its content coding, in
// UTF-8, as JSON where it is JSON, and as a form where it is one (package content). The
// rules of one event that share a context read it once:
//
//	ctx, done := view.Share(ctx)
//	defer done()
//
// # What it may cost
//
// What is read is measured first, and counts towards a [Budget] that all rules of the
// process share, until it is done with. Where there is no room, the reader waits for
// others to be done. A body that is too large for the whole budget is ErrTooLarge.
//
// # What cannot be read
//
// A body in an unknown content coding, one that is neither JSON nor text, one with a
// number of thousands of digits: the error is then an ErrUnreadable with the cause, and no
// value stands in for the body. No error holds anything of the event.
package view
