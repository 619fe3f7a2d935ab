// Package status says what became of events: status records, their format, and the
// [Emitter] that publishes them.
//
// An event's entry in the archive says that it was accepted. Everything after that is
// a [Record] in the stream penstock.status. The tracker reads both streams; so can any
// other program: docs/reference/status-records.md describes the format.
//
// # Writing
//
// A record is emitted before the event that it is about is acknowledged, so no
// outcome is ever missing:
//
//	emitter := status.NewEmitter(publisher, status.Options{})
//	defer emitter.Close(ctx)
//
//	err := emitter.Emit(ctx, status.Record{
//		Kind: status.Delivered, Event: e.ID, Source: e.Source, Type: e.Type, Route: "invoices",
//		Attempt: e.Attempt, ReceivedAt: e.ReceivedAt, HTTPStatus: 204, Took: took,
//	})
//	if err == nil {
//		err = delivery.Ack()
//	}
//
// Emit returns once the broker has confirmed the record. Many callers share one
// publish: while one is on its way, a record waits for company, for a few milliseconds
// at most; otherwise it leaves at once.
//
// # Reading
//
// A message of the stream holds a batch:
//
//	records, err := status.Decode(delivery.Message)
//
// # Promises
//
// A record may come twice, because a publish may succeed without its confirm arriving.
// For one event on one route, the last record of the stream is the truth.
package status
