package track

import (
	"errors"
	"fmt"
	"time"

	"github.com/penstock/penstock/pkg/topology"
)

// mostBehind is how far the store may be behind the archive for its counts to be current.
const mostBehind = time.Minute

// Current returns nil when the streams are being read and the store has what they hold.
// Else it returns what is wrong: then the store's counts are those of an earlier time.
func (t *Tracker) Current() error {
	t.mu.Lock()
	readers := t.readers
	t.mu.Unlock()
	if len(readers) == 0 {
		return errors.New("this tracker is not the active one")
	}
	for _, r := range readers {
		if err := r.isReading(); err != nil {
			return fmt.Errorf("%s is not being read: %w", r.stream, err)
		}
	}
	// The status stream needs no such look: the ledger marks it and waits for the mark.
	if behind := t.metrics.lag.behind(topology.Archive); behind > mostBehind {
		return fmt.Errorf("the store is %v behind %s", behind.Round(time.Second), topology.Archive)
	}
	return nil
}

// setReaders names the readers of an active tracker.
func (t *Tracker) setReaders(readers ...*reader) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.readers = readers
}

// isReading returns nil while the reader gets the entries of its stream.
func (r *reader) isReading() error {
	r.mu.Lock()
	ready := r.ready
	r.mu.Unlock()
	if ready == nil {
		return errors.New("reading has not begun")
	}
	return ready()
}
