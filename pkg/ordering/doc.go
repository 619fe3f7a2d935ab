// Package ordering says which events have to be delivered one after the other: those
// with the same key.
//
//	k, err := ordering.Compile(`body.order_id`)
//	…
//	key, err := k.Of(ctx, e)        // ordering.None: this event has no key, and may go at any time
//	partition := key.Partition(8)
//
// The key is an expression (package expression) whose result is text, a number or a
// truth value. An event whose result is null, an absent optional or empty text has no
// key. One that the expression fails on is not ordered by guesswork: that is an error,
// and an expression for events of which some have no such field says so:
//
//	body.?order_id
//
// A [Key] is a digest: it tells keys apart, and nothing about the event.
package ordering
