package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/worker/internal/store"
)

// DefaultEvery is how often a notifier looks for something to send when nothing else is set.
const DefaultEvery = time.Second

// Options are what a Notifier works with. Without a default, all must be set.
type Options struct {
	Store      *store.Store
	Config     func() *config.Config // the one in force
	ConsoleURL string                // where people find the console's pages, without a slash at the end; empty: messages have no links
	Log        *zap.Logger

	Every time.Duration    // how often to look; 0: DefaultEvery
	Now   func() time.Time // nil: time.Now
}

// Notifier sends messages about incidents. One runs at a time: that of the active tracker. Its
// method Test may be called in any of them, also at the same time.
type Notifier struct {
	Options

	mu   sync.Mutex
	busy map[string]bool // channels that are served now
}

// New makes a notifier.
func New(o Options) *Notifier {
	o.Every = cmp.Or(o.Every, DefaultEvery)
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Notifier{Options: o, busy: map[string]bool{}}
}

// Run notifies until ctx is done, and returns when nothing is being sent any more. A channel
// that is slow holds up no other.
func (n *Notifier) Run(ctx context.Context) {
	var working sync.WaitGroup
	defer working.Wait()
	ticks := time.NewTicker(n.Every)
	defer ticks.Stop()
	for {
		for name, channel := range n.Config().Notifications.Channels {
			if n.enterChannel(name) {
				working.Go(func() {
					defer n.leaveChannel(name)
					if err := n.serveChannel(ctx, channel); err != nil && ctx.Err() == nil {
						n.Log.Warn("a channel of notifications is not up to date; trying again", zap.String("channel", name), zap.Error(err))
					}
				})
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
	}
}

// RunOnce decides once which notices each channel gets, and sends those that are due. It fails when
// the store does. Run does the same again and again.
func (n *Notifier) RunOnce(ctx context.Context) error {
	var errs []error
	for _, channel := range n.Config().Notifications.Channels {
		errs = append(errs, n.serveChannel(ctx, channel))
	}
	return errors.Join(errs...)
}

// serveChannel decides which notices a channel gets, and sends those that are due.
func (n *Notifier) serveChannel(ctx context.Context, c *config.Channel) error {
	if err := n.decideNotices(ctx, c); err != nil {
		return err
	}
	return n.sendDue(ctx, c)
}

// enterChannel reports whether the channel is free, and marks it as busy.
func (n *Notifier) enterChannel(channel string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	free := !n.busy[channel]
	n.busy[channel] = true
	return free
}

func (n *Notifier) leaveChannel(channel string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.busy, channel)
}

// Test sends a test message to a channel of the configuration, and returns the channel's kind.
// It fails with store.ErrNotFound when the configuration has no such channel. Another error says why the
// channel does not take the message, and holds no secret.
func (n *Notifier) Test(ctx context.Context, channel string) (kind string, err error) {
	c := n.Config().Notifications.Channels[channel]
	if c == nil {
		return "", fmt.Errorf("channel %q: %w", channel, store.ErrNotFound)
	}
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	now := n.Now()
	return c.Kind(), n.sendMessage(ctx, c, &message{ID: fmt.Sprintf("test-%d", now.UnixNano()), At: now, Test: true, Console: n.ConsoleURL})
}
