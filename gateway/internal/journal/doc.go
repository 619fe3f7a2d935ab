// Package journal is a bounded log on disk that survives a crash: what Append has
// answered is there after kill -9 and after a power failure.
//
//	j, err := journal.Open(dir, journal.Options{MaxBytes: 1 << 30, Log: log})
//	err = j.Append(ctx, payload, nil) // nil: fsynced
//	…
//	record, err := j.Next(ctx)        // the oldest that nobody took yet
//	// do with record.Payload what is to be done, and only then
//	j.Done(record)                    // it is gone
//
// A record that was taken and not done comes again after a restart. So each comes at
// least once, roughly in the order of Append.
//
// # Group commit
//
// One goroutine writes. Whatever waits when it comes back from the disk shares the
// next write and the next fsync. After a failed write or fsync nobody can say what the
// disk holds: those who waited get the error, and the next ones a new file.
//
// # Files
//
// The log is a row of segments, each removed when all of its records are done. A
// record stands in a frame:
//
//	marker   16 bytes  the segment's own, drawn at random; it stands in the file's name
//	state     4 bytes  all zero: to do; "DONE": done
//	length    4 bytes  of the payload, little-endian like all numbers
//	time      8 bytes  of Append, in milliseconds since the epoch
//	checksum  4 bytes  CRC-32C of the payload, the length and the time
//	payload   what was appended
//
// Where a frame is broken, the reader looks for the next marker, as readers of Avro
// files do (https://avro.apache.org/docs/1.12.0/specification/#object-container-files),
// and nothing that is whole is lost. A payload cannot forge a frame: it would have to
// know the marker. What follows the last whole frame, as after a crash in the middle of
// a write, is cut off. A segment that was broken elsewhere is kept under another name
// when the rest of it is done, for people to look at.
package journal
