package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"
)

// What Append can answer besides nil. They are told apart with errors.Is.
var (
	ErrFull    = errors.New("journal: full")
	ErrDisk    = errors.New("journal: the disk fails")                  // the payload is not safe
	ErrUnknown = errors.New("journal: the disk did not answer in time") // the payload may or may not be safe
	ErrBusy    = errors.New("journal: too much waits for the disk")
	ErrClosed  = errors.New("journal: closed")
)

// segmentBytes is when a segment is full. One more write may fit.
const segmentBytes = 16 << 20

// Options size a journal.
type Options struct {
	MaxBytes int64 // of all segments together; Append answers ErrFull past it

	// Bounds of what is held in memory, in bytes; zero means none. One payload may be more.
	MaxWaiting int64 // what waits to be written; Append answers ErrBusy past it
	MaxTaken   int64 // records that were taken and are not done; Next waits past it

	Log *zap.Logger

	segmentBytes int64                           // zero: segmentBytes
	create       func(path string) (file, error) // nil: createFile
}

// Journal is an open log. Its methods are safe for concurrent use.
type Journal struct {
	dir     string
	options Options
	held    *os.File // the lock

	mu       sync.Mutex
	segments []*segment // the oldest first
	active   *segment   // of segments, the last one: what is written to; nil: none
	writing  bool       // to active
	number   uint64     // of the last segment
	bytes    int64      // of segments, and of what waits to be written
	taken    map[*Record]struct{}
	holds    int64 // bytes of the records in taken
	waiting  []*entry
	queued   int64     // bytes of those that wait, or are being written
	failed   time.Time // when an Append failed last, and
	failure  error     // why; nil: it works
	closed   bool

	reading sync.Mutex    // one reader at a time
	more    chan struct{} // buffered: there may be something to take
	work    chan struct{} // buffered: something waits, or the journal was closed
	ended   chan struct{} // closed when the writer has ended
}

// Record is what Next returns: a payload, until it is done.
type Record struct {
	Payload []byte
	At      time.Time // of Append, in milliseconds

	segment *segment
	start   int64
	size    int64 // of the payload, in bytes
}

// Next returns the oldest record that nobody took, and waits for one until ctx ends.
// Each record is taken once, and must be given to Done or Keep.
func (j *Journal) Next(ctx context.Context) (*Record, error) {
	for {
		r, err := j.take()
		if err != nil {
			return nil, err
		}
		if r != nil {
			wake(j.more) // there may be one for somebody else too
			return r, nil
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-j.more:
		}
	}
}

// Done ends a record: it does not come again, but perhaps after a power failure.
func (j *Journal) Done(r *Record) {
	// Whether this can be written, or survives, decides on a duplicate only.
	_, _ = r.segment.file.WriteAt([]byte("DONE"), r.start+stateAt)
	j.end(r)
}

// Keep ends a record that nothing can be done with: its segment is kept for people to
// look at.
func (j *Journal) Keep(r *Record) {
	j.mu.Lock()
	r.segment.broken = true
	j.mu.Unlock()
	j.end(r)
}

func (j *Journal) end(r *Record) {
	j.mu.Lock()
	defer j.mu.Unlock()
	r.segment.taken--
	r.segment.left--
	delete(j.taken, r)
	j.holds -= r.size
	j.tidy()
	wake(j.more) // there may be room for the next one
}

// tidy discards the segments that are finished. One that is being written to stays;
// one that could be gets no more, so that its space is free.
func (j *Journal) tidy() {
	j.segments = slices.DeleteFunc(j.segments, func(s *segment) bool {
		if !s.finished() || s == j.active && j.writing {
			return false
		}
		if s == j.active {
			j.active = nil
		}
		j.bytes -= s.size
		if err := s.discard(); err != nil {
			j.options.Log.Warn("a finished file of the journal cannot be removed", zap.String("file", s.path), zap.Error(err))
		}
		return true
	})
}

// Stats is what a journal holds.
type Stats struct {
	Bytes   int64     // on disk
	Records int       // that are not done
	Oldest  time.Time // of the records that are not done and were taken; zero: there is none
}

// Stats returns what the journal holds now.
func (j *Journal) Stats() Stats {
	j.mu.Lock()
	defer j.mu.Unlock()
	s := Stats{Bytes: j.bytes}
	for _, segment := range j.segments {
		s.Records += segment.left
	}
	for r := range j.taken {
		if s.Oldest.IsZero() || r.At.Before(s.Oldest) {
			s.Oldest = r.At
		}
	}
	return s
}

// failureLasts is how long a failure says something about the next Append.
const failureLasts = 10 * time.Second

// Ready returns nil when Append works, as far as is known: it did not fail lately.
func (j *Journal) Ready() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.closed:
		return ErrClosed
	case j.failure != nil && time.Since(j.failed) < failureLasts:
		return j.failure
	default:
		return nil
	}
}

// Close takes no more, waits until what was given to Append is written or ctx ends,
// and lets go of the folder. Nobody may be in Next.
func (j *Journal) Close(ctx context.Context) error {
	j.mu.Lock()
	again := j.closed
	j.closed = true
	j.mu.Unlock()
	wake(j.work)
	select {
	case <-j.ended:
	case <-ctx.Done():
		return fmt.Errorf("close the journal: the disk does not answer: %w", context.Cause(ctx))
	}
	if again {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, s := range j.segments {
		_ = s.file.Close() // it was synced, or its writers know
	}
	return j.held.Close()
}

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
