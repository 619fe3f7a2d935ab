package control

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/store"
)

// How often the active tracker repeats the last command: a deliverer must find it at the
// end of the stream. After a failure it tries sooner.
const (
	repeatEvery = time.Minute
	repeatSoon  = 5 * time.Second
	commandTime = 5 * time.Second
)

// Pauses keep what people want. *store.Store does.
type Pauses interface {
	SetPause(ctx context.Context, p store.Pause, note store.Audit) error
	Pauses(ctx context.Context) (store.Pauses, error)
}

// Commander tells the deliverers what people want. It is safe for concurrent use.
type Commander struct {
	Pauses    Pauses
	Publisher Publisher
	Log       *zap.Logger
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
	err := c.Pauses.SetPause(ctx, p, note)
	if err != nil {
		return err
	}
	if err := c.tell(ctx); err != nil {
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
		if err := c.tell(ctx); err != nil {
			c.Log.Debug("the deliverers could not be told", zap.Error(err))
			wait = repeatSoon
		}
	}
}

// tell says everything that people want. While nobody ever wanted anything, it says
// nothing.
func (c *Commander) tell(ctx context.Context) error {
	all, err := c.Pauses.Pauses(ctx)
	if err != nil || all.Revision == 0 {
		return err
	}
	command := Command{Revision: all.Revision, Paused: []string{}, Routes: pausedOf(all.Routes)}
	for name, p := range all.Destinations {
		if p.Paused {
			command.Paused = append(command.Paused, name)
		} else {
			command.resume(name, p.At)
		}
	}
	slices.Sort(command.Paused)
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
