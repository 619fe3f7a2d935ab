package config

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	settleTime = 100 * time.Millisecond // several events of one change become one
	pollTime   = 30 * time.Second       // for file systems that tell nothing of changes
)

// Watch loads a configuration file whenever it changes, or a file that it refers to does: edited in place, replaced by a rename, or swapped by the
// symbolic links of a mounted ConfigMap or Secret. What is valid goes to changed,
// the rest is refused and goes to failed. Both are called one after the other,
// and must not block for long.
//
// It begins with what an earlier Load made of the file, with the same parts: a change since
// then counts as one. Without that (nil), the first call is for the file as it is when Watch
// begins. Use the Equal methods to see what is different.
//
// Watch returns when ctx is done. It leaves nothing behind.
func Watch(ctx context.Context, path string, from *Config, lookup Lookup, changed func(*Config), failed func(error), parts ...Part) {
	w := &watcher{path: path, lookup: lookup, parts: parts, changed: changed, failed: failed}
	if from != nil {
		w.read = from.read
	}
	notify, err := fsnotify.NewWatcher()
	if err != nil { // the system has no watches left: polling is slower, but enough
		notify = nil
	}
	w.run(ctx, notify, settleTime, pollTime)
}

type watcher struct {
	path    string
	lookup  Lookup
	parts   []Part
	changed func(*Config)
	failed  func(error)
	read    files // what the last load read; nil before the first
}

// run serves until ctx is done, and closes notify, which may be nil.
func (w *watcher) run(ctx context.Context, notify *fsnotify.Watcher, settle, poll time.Duration) {
	var events chan fsnotify.Event
	var errs chan error
	if notify != nil {
		defer func() { _ = notify.Close() }() // nothing to lose
		events, errs = notify.Events, notify.Errors
	}
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	var settled <-chan time.Time
	w.check(notify)
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-events:
			if settled == nil && e.Op != fsnotify.Chmod {
				settled = time.After(settle)
			}
		case <-errs: //nolint:errcheck // whatever it says, events were lost
			settled = time.After(settle)
		case <-settled:
			settled = nil
			w.check(notify)
		case <-ticker.C:
			w.check(notify)
		case <-hangup:
			w.read = nil
			w.check(notify)
		}
	}
}

// check loads the file if it is not what was loaded last. A folder that begins to
// be watched may have changed just before, so then it looks again, but not for
// ever after a link that never rests: the next event or poll goes on.
func (w *watcher) check(notify *fsnotify.Watcher) {
	for range 4 {
		if w.read == nil || w.read.stale() {
			w.load()
		}
		if notify == nil || !follow(notify, w.read.folders()) {
			return
		}
	}
}

func (w *watcher) load() {
	w.read = files{}
	cfg, err := load(w.path, w.lookup, w.parts, w.read)
	if err != nil {
		w.failed(err)
		return
	}
	w.changed(cfg)
}
