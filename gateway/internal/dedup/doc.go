// Package dedup remembers which events were accepted, so that what a provider
// sends again becomes no second event.
//
// An event is known by a key. Whoever works on it claims the key first, and
// settles the claim when the outcome is known:
//
//	claim, err := store.Claim(ctx, key, id, lease)
//	switch claim.State {
//	case dedup.Fresh:   // ours: publish, then
//		err = store.Settle(ctx, key, id, window) // it is safe: remember it
//		err = store.Settle(ctx, key, id, 0)      // it is not: let a retry in
//	case dedup.Pending: // somebody works on it, or died doing so: come again
//	case dedup.Done:    // accepted before, as claim.ID
//	}
//
// A claim that nobody settles lapses with its lease. So every failure in between,
// a crash included, delays a retry and never swallows it; and a store that is
// unavailable makes duplicates possible, and never a loss.
//
// [Memory] serves one process. [Redis] is shared by all of an installation's.
package dedup
