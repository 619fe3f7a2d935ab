package control

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/store"
	"github.com/penstock/penstock/worker/internal/tombstone"
)

// How often the active tracker repeats the last command: a deliverer must find it at the
// end of the stream. After a failure it tries sooner.
const (
	repeatEvery = time.Minute
	repeatSoon  = 5 * time.Second
	commandTime = 5 * time.Second
)

// Wishes keep what people want. *store.Store does.
type Wishes interface {
	SetPause(ctx context.Context, p store.Pause, note store.Audit) error
	Pauses(ctx context.Context) (store.Pauses, error)
	Tombstones(ctx context.Context) (store.Tombstones, error)
	PruneTombstones(ctx context.Context, now time.Time) error
}

// Commander tells the deliverers what people want. It is safe for concurrent use.
type Commander struct {
	Wishes    Wishes
	Publisher Publisher
	Log       *zap.Logger

	sending sync.Mutex // the newest command has to be the last one
}

// Pause notes that an operator wants a destination or a route to be paused, or not any more, and
// sends that to the deliverers. When that cannot be now, Run does it later. At of p is the present.
func (c *Commander) Pause(ctx context.Context, p store.Pause) error {
	action := map[bool]string{true: "pause", false: "resume"}[p.Paused]
	note := store.Audit{By: p.By, Action: action, Target: p.Name}
	if p.Of == store.OfRoute {
		note.Action += "-route"
	}
	p.At = time.Now()
	err := c.Wishes.SetPause(ctx, p, note)
	if err != nil {
		return err
	}
	if _, err := c.Send(ctx); err != nil {
		c.Log.Warn("the deliverers could not be told; it is tried again", zap.String(p.Of, p.Name), zap.Error(err))
	}
	return nil
}

// Run repeats the last command until ctx is done. The active tracker does that.
func (c *Commander) Run(ctx context.Context) {
	for wait := time.Duration(0); ; {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		wait = repeatEvery
		err := c.Wishes.PruneTombstones(ctx, time.Now())
		if err == nil {
			_, err = c.Send(ctx)
		}
		if err != nil {
			c.Log.Debug("the deliverers could not be told", zap.Error(err))
			wait = repeatSoon
		}
	}
}

// Send sends the deliverers all that people want, and returns the revision of that. While no
// person ever wanted anything, it sends nothing. Commands grow while it sends: it ends when the
// last command in the stream is the newest one, whoever sent it.
func (c *Commander) Send(ctx context.Context) (revision int64, err error) {
	c.sending.Lock()
	defer c.sending.Unlock()
	for sent := int64(-1); ; sent = revision {
		command, err := c.command(ctx)
		if err != nil {
			return 0, err
		}
		if revision = command.Revision; revision == 0 || revision == sent {
			return revision, nil
		}
		if err := c.publish(ctx, command); err != nil {
			return 0, err
		}
	}
}

func (c *Commander) command(ctx context.Context) (*Command, error) {
	all, err := c.Wishes.Pauses(ctx)
	if err != nil {
		return nil, err
	}
	tombstones, err := c.Wishes.Tombstones(ctx) // read later than the revision: it holds all of that
	if err != nil {
		return nil, err
	}
	command := &Command{
		Revision: all.Revision, Paused: []string{}, Routes: pausedOf(all.Routes),
		Withheld: tombstone.MarksOf(tombstones.Withheld), Dropped: tombstone.MarksOf(tombstones.Dropped),
	}
	for name, p := range all.Destinations {
		if p.Paused {
			command.Paused = append(command.Paused, name)
		} else {
			command.resume(name, p.At)
		}
	}
	slices.Sort(command.Paused)
	return command, nil
}

func (c *Commander) publish(ctx context.Context, command *Command) error {
	m, err := encode(typeCommand, command)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	if err := c.Publisher.Publish(ctx, amqpx.Publication{Key: topology.Control, Message: m}); err != nil {
		return fmt.Errorf("tell the deliverers: %w", err)
	}
	return nil
}

// pausedOf returns the names of those that are paused, in their order.
func pausedOf(all map[string]store.Pause) []string {
	names := []string{}
	for name, p := range all {
		if p.Paused {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
