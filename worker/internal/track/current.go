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
	feeds := t.feeds
	t.mu.Unlock()
	if len(feeds) == 0 {
		return errors.New("this tracker is not the active one")
	}
	for _, f := range feeds {
		if err := f.isReading(); err != nil {
			return fmt.Errorf("%s is not being read: %w", f.name(), err)
		}
	}
	// The status stream needs no such look: the ledger marks it and waits for the mark.
	if behind := t.metrics.lag.behind(topology.Archive); behind > mostBehind {
		return fmt.Errorf("the store is %v behind %s", behind.Round(time.Second), topology.Archive)
	}
	return nil
}

// Behind returns how far the store is behind the archive, as far as that was read. Current says
// whether it is being read.
func (t *Tracker) Behind() time.Duration { return t.metrics.lag.behind(topology.Archive) }

// setFeeds names the feeds of an active tracker.
func (t *Tracker) setFeeds(feeds ...feed) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.feeds = feeds
}

func (r *reader) name() string { return r.stream }

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
