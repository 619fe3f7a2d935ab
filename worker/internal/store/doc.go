// Package store keeps what became of every event where it can be searched: in SQLite,
// which needs nothing else, or in PostgreSQL.
//
//	s, err := store.Open(ctx, "sqlite:/var/lib/penstock/penstock.db") // or postgres://…
//	defer s.Close()
//
// # Writing
//
// One tracker writes: it holds the [Lock], and applies what it read from the streams:
//
//	err := s.Apply(ctx, &store.Batch{Accepted: accepted, Records: records, Moves: moves})
//
// A batch is one transaction that also moves the positions in the streams, and it is
// refused with [ErrStale] when those are not where the batch begins. So whatever
// crashes, and whoever else writes, each entry of a stream is applied exactly once.
//
// # Reading
//
// Any number of processes may read. A search walks one index from the newest event to
// the oldest, and stops after a bounded effort: a page may then hold fewer events than
// asked for, even none, and still lead on to a next one. So no search takes long,
// whatever is combined in it:
//
//	page, err := s.Events(ctx, store.Query{Route: "invoices", State: store.Dead})
//	next, err := s.Events(ctx, store.Query{Route: "invoices", State: store.Dead, After: page.Next})
//
// # How it is laid out
//
// An event has one row, and one more for each route that it goes to: the delivery. The
// delivery's row holds its last status record; the ones before it are in the history.
// So an event that is delivered at the first attempt costs two rows. Payloads are not
// here: an event's row says where in the archive it is.
//
// Times are milliseconds since the epoch. The store counts its deliveries by source,
// route and state as it writes, so that no page has to count them.
package store
