package journal

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// batchBytes is how much one write holds, but for the record that exceeds it.
const batchBytes = 4 << 20

// entry is a payload that waits to be written.
type entry struct {
	payload []byte
	at      time.Time
	result  chan error // buffered: gets one value
}

func (e *entry) size() int64 { return headerSize + int64(len(e.payload)) }

// Append writes a payload, and returns nil when it is fsynced. It returns when ctx ends
// at the latest, then with ErrUnknown; late, if not nil, is told the outcome when there
// is one. The other errors are ErrFull, ErrBusy, ErrDisk and ErrClosed. The payload is the
// journal's from then on.
func (j *Journal) Append(ctx context.Context, payload []byte, late func(error)) error {
	e := &entry{payload: payload, at: time.Now(), result: make(chan error, 1)}
	if err := j.enqueue(e); err != nil {
		return err
	}
	select {
	case err := <-e.result:
		return err
	case <-ctx.Done():
	}
	if late != nil {
		go func() { late(<-e.result) }()
	}
	return fmt.Errorf("%w: %w", ErrUnknown, context.Cause(ctx))
}

func (j *Journal) enqueue(e *entry) error {
	if len(e.payload) > MaxPayload {
		return fmt.Errorf("%w: a payload of %d bytes never fits", ErrFull, len(e.payload))
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.closed:
		return ErrClosed
	case j.bytes+e.size() > j.options.MaxBytes:
		j.failed, j.failure = time.Now(), ErrFull
		return ErrFull
	case j.options.MaxWaiting > 0 && j.queued > 0 && j.queued+e.size() > j.options.MaxWaiting:
		j.failed, j.failure = time.Now(), ErrBusy
		return ErrBusy
	}
	j.bytes += e.size()
	j.queued += e.size()
	j.waiting = append(j.waiting, e)
	wake(j.work)
	return nil
}

// write is the writer's goroutine. It ends when the journal is closed and nothing
// waits any more.
func (j *Journal) write() {
	defer close(j.ended)
	for {
		batch, over := j.next()
		switch {
		case over:
			return
		case len(batch) == 0:
			<-j.work
			continue
		}
		err := j.commit(batch)
		j.written(batch)
		for _, e := range batch {
			e.result <- err
		}
	}
}

// written makes the room of a batch free.
func (j *Journal) written(batch []*entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range batch {
		j.queued -= e.size()
	}
}

// next takes what one write holds of what waits.
func (j *Journal) next() (batch []*entry, over bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	var bytes int64
	n := 0
	for n < len(j.waiting) && bytes < batchBytes {
		bytes += j.waiting[n].size()
		n++
	}
	batch, j.waiting = j.waiting[:n:n], j.waiting[n:]
	j.writing = n > 0
	return batch, j.closed && n == 0
}

// commit makes a batch safe, or fails as a whole.
func (j *Journal) commit(batch []*entry) error {
	s, err := j.writable()
	if err != nil {
		return j.committed(nil, batch, 0, err)
	}
	var data []byte
	for _, e := range batch {
		data = appendFrame(data, s.marker, e.at, e.payload)
	}
	_, err = s.file.WriteAt(data, s.size)
	if err == nil {
		err = s.file.Sync()
	}
	return j.committed(s, batch, int64(len(data)), err)
}

// writable returns the segment that is to be written to. Only the writer calls it.
func (j *Journal) writable() (*segment, error) {
	j.mu.Lock()
	s := j.active
	if s != nil && s.size < j.options.segmentBytes {
		j.mu.Unlock()
		return s, nil
	}
	j.number++
	number := j.number
	j.active = nil
	j.mu.Unlock()

	s, err := createSegment(j.dir, number, j.options.create)
	if err != nil {
		return nil, err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.active = s
	j.segments = append(j.segments, s)
	return s, nil
}

// committed notes how a write ended, and returns its error as Append gives it.
func (j *Journal) committed(s *segment, batch []*entry, bytes int64, err error) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.writing = false
	if err == nil {
		s.size += bytes
		s.left += len(batch)
		j.failure = nil
		wake(j.more)
		return nil
	}
	for _, e := range batch {
		j.bytes -= e.size()
	}
	if s != nil {
		// What was written may be there or not, now or later. Another file is used, and
		// this one ends before it, if the disk still does that much.
		j.active = nil
		err = errors.Join(err, s.file.Truncate(s.size))
	}
	j.tidy()
	j.failed, j.failure = time.Now(), fmt.Errorf("%w: %w", ErrDisk, err)
	return j.failure
}
