package config

import (
	"context"
	"time"

	"github.com/fsnotify/fsnotify"
)

// The values that a source, destination and route start from.
var (
	DefaultSource      = defaultSource
	DefaultDestination = defaultDestination
	DefaultRoute       = defaultRoute
	DefaultOrdering    = defaultOrdering
	DefaultRespond     = defaultRespond
	DefaultRequest     = defaultRequest
	DefaultBatch       = defaultBatch
	DefaultAccount     = defaultAccount
)

// WatchEvery is Watch with other times. Without events it only polls.
func WatchEvery(ctx context.Context, settle, poll time.Duration, events bool, path string, lookup Lookup,
	changed func(*Config), failed func(error),
) {
	w := &watcher{path: path, lookup: lookup, changed: changed, failed: failed}
	var notify *fsnotify.Watcher
	if events {
		var err error
		if notify, err = fsnotify.NewWatcher(); err != nil {
			panic(err)
		}
	}
	w.run(ctx, notify, settle, poll)
}
