package reload

import (
	"context"
	"sync"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/observe"
)

// Options say what to follow. All but Check are needed.
type Options struct {
	Path    string
	Env     config.Lookup
	Part    config.Part                // whose secrets the process needs
	Check   func(*config.Config) error // says what else a process has against a valid file; nil: nothing
	Reloads *observe.Reloads           // counts what is refused; who installs tells it what is accepted
	Log     *zap.Logger
}

// Follower follows a configuration file. It is safe for concurrent use.
type Follower struct {
	options Options
	from    *config.Config

	mu      sync.Mutex
	newest  *config.Config // nil: none waits
	waiting chan struct{}  // closed while one waits
}

// New makes a follower of the file that from was loaded from, which waits to be taken
// first.
func New(from *config.Config, o Options) *Follower {
	f := &Follower{options: o, from: from, waiting: make(chan struct{})}
	f.offer(from)
	return f
}

// Run watches the file until ctx is done.
func (f *Follower) Run(ctx context.Context) {
	o := f.options
	config.Watch(ctx, o.Path, f.from, o.Env, f.consider, f.refuse, o.Part)
}

// Waiting returns a channel that is closed as soon as a configuration waits. After each
// Take there is another one.
func (f *Follower) Waiting() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.waiting
}

// Take returns the configuration that waits, or nil.
func (f *Follower) Take() *config.Config {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.newest == nil {
		return nil
	}
	taken := f.newest
	f.newest, f.waiting = nil, make(chan struct{})
	return taken
}

// consider has c wait, unless the process has something against it.
func (f *Follower) consider(c *config.Config) {
	if f.options.Check != nil {
		if err := f.options.Check(c); err != nil {
			f.refuse(err)
			return
		}
	}
	f.offer(c)
}

// offer has c wait, instead of an older one that waits still.
func (f *Follower) offer(c *config.Config) {
	f.put(c)
	for _, warning := range c.Warnings {
		f.options.Log.Warn("configuration", zap.Stringer("warning", warning))
	}
}

func (f *Follower) put(c *config.Config) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.newest == nil {
		close(f.waiting)
	}
	f.newest = c
}

func (f *Follower) refuse(err error) {
	f.options.Reloads.Refused(err)
	f.options.Log.Error("the changed configuration is refused; the old one stays in force", zap.Error(err))
}
