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
	Pauses(ctx context.Context) (all map[string]store.Pause, revision int64, err error)
}

// Commander tells the deliverers what people want. It is safe for concurrent use.
type Commander struct {
	Pauses    Pauses
	Publisher Publisher
	Log       *zap.Logger
}

// Pause notes that somebody wants a destination to be paused, or not any more, and tells
// the deliverers. When they cannot be told now, Run does it later.
func (c *Commander) Pause(ctx context.Context, by, destination string, pause bool) error {
	action := map[bool]string{true: "pause", false: "resume"}[pause]
	err := c.Pauses.SetPause(ctx, store.Pause{Destination: destination, Paused: pause, By: by, At: time.Now()},
		store.Audit{By: by, Action: action, Target: destination})
	if err != nil {
		return err
	}
	if err := c.tell(ctx); err != nil {
		c.Log.Warn("the deliverers could not be told; it is tried again", zap.String("destination", destination), zap.Error(err))
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
	all, revision, err := c.Pauses.Pauses(ctx)
	if err != nil || revision == 0 {
		return err
	}
	command := Command{Revision: revision, Paused: []string{}}
	for name, p := range all {
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
