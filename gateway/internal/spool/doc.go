// Package spool keeps events on disk while the broker takes none, and publishes
// them when it does again.
//
//	s, err := spool.Open(spool.Options{Dir: dir, MaxBytes: 1 << 30, Publisher: publisher, Log: log})
//	defer s.Close(ctx)
//	err = s.Spool(ctx, event) // nil: it survives kill -9 and a power failure
//
// A few goroutines take events out again and publish each until every copy of it is safe
// in the broker; only then it leaves the disk. So it is published at least once: a crash
// between the two makes a duplicate. What a broker can never take is
// left in a file for people to look at.
//
// Order is kept roughly: several are published at once, and what the gateway accepts
// when the broker is back overtakes what is still on disk.
//
// The disk's part is package journal. An event is in it as package
// encoding/gob writes it, which reads what older versions wrote.
package spool
