// Package canary finds out whether the delay levels let go of what has waited in them.
//
// A level that stands still shows nowhere else: its messages are ready, as they should be, and
// those that are due are not due to anybody. So the active tracker sends a canary through each
// level in which something waits, every ten seconds, or 32 times while it waits in a long one.
// It goes the way of every delayed message: from the level to penstock.return, from there in
// the hands of a deliverer to its queue, penstock.canary.
//
// The metric penstock.delay.lateness says how late a level is, in seconds.
package canary
