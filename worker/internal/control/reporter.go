package control

import (
	"context"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/topology"
)

// How often a deliverer looks whether something has changed, reports although nothing
// has, and how long a report may take.
const (
	reportLook  = time.Second
	reportEvery = 10 * time.Second
	reportTime  = 5 * time.Second
)

// Publisher publishes. *amqpx.Publisher is one.
type Publisher interface {
	// Publish returns nil only when the broker confirmed the message and a queue took it.
	Publish(ctx context.Context, p amqpx.Publication) error
}

// Reporter tells how a deliverer sees its destinations.
type Reporter struct {
	Instance  string               // names the deliverer
	Publisher Publisher            // how it tells
	Look      func() []Destination // what it tells, in any order
	Log       *zap.Logger

	last []Destination
	at   time.Time
}

// Run reports until ctx is done. A report that fails is made again a second later.
func (r *Reporter) Run(ctx context.Context) {
	ticks := time.NewTicker(reportLook)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticks.C:
			r.look(ctx, now)
		}
	}
}

func (r *Reporter) look(ctx context.Context, now time.Time) {
	seen := r.Look()
	if now.Sub(r.at) < reportEvery && slices.EqualFunc(seen, r.last, same) {
		return
	}
	m, err := encode(typeReport, Report{Instance: r.Instance, At: now, Destinations: seen})
	if err == nil {
		ctx, cancel := context.WithTimeout(ctx, reportTime)
		defer cancel()
		err = r.Publisher.Publish(ctx, amqpx.Publication{Key: topology.Reports, Message: m})
	}
	if err != nil {
		r.Log.Debug("no report could be made", zap.Error(err))
		return
	}
	r.last, r.at = seen, now
}

// same leaves aside what always changes.
func same(a, b Destination) bool {
	a.InUse, b.InUse = 0, 0
	return a == b
}
