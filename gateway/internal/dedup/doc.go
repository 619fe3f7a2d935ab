// Package dedup remembers events, so that an event that its sender repeats keeps its id
// and is not published twice.
//
// An event is known by a key. A request claims the key before it publishes the event, and
// settles the claim when the outcome is known:
//
//	claim, err := store.Claim(ctx, key, proposed, terms)
//	switch claim.State {
//	case dedup.Granted:   // publish it as claim.ID, then
//		err = store.Settle(ctx, key, claim, dedup.Outcome{Accepted: true}, terms) // it is safe
//		err = store.Settle(ctx, key, claim, dedup.Outcome{Done: done}, terms)     // it is not: let a repetition in
//	case dedup.Pending:   // another request publishes it, or crashed meanwhile: come again
//	case dedup.Duplicate: // it was accepted before, as claim.ID
//	}
//
// The first claim gives the event its id. The id stays, whatever becomes of that claim: a
// repetition after a refusal, or after an outcome that stays unknown, is granted with the
// same id. So is a repetition after the window, which is then a further round of the event.
//
// A claim that is not settled ends with its lease. So every failure in between, a crash
// included, delays a repetition and never swallows it. A store that is unavailable makes
// duplicates and second ids possible, and never a loss.
//
// [Memory] serves one process. [Redis] is shared by all gateways of an installation.
package dedup
