package control

import (
	"context"
	"slices"
	"strings"
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
	Refused   func() error         // why the newest configuration is not in force; nil: it is, or there is no such function
	Log       *zap.Logger

	last []Destination
	why  string
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
	seen, why := r.Look(), r.readRefused()
	if now.Sub(r.at) < reportEvery && slices.EqualFunc(seen, r.last, same) && why == r.why {
		return
	}
	m, err := encode(typeReport, Report{Instance: r.Instance, At: now, Destinations: seen, Refused: why})
	if err == nil {
		ctx, cancel := context.WithTimeout(ctx, reportTime)
		defer cancel()
		err = r.Publisher.Publish(ctx, amqpx.Publication{Key: topology.Reports, Message: m})
	}
	if err != nil {
		r.Log.Debug("no report could be made", zap.Error(err))
		return
	}
	r.last, r.why, r.at = seen, why, now
}

// longestRefused bounds the text of a report, in bytes.
const longestRefused = 1 << 10

// readRefused returns why the newest configuration is not in force, in a text that a page can show.
func (r *Reporter) readRefused() string {
	if r.Refused == nil {
		return ""
	}
	err := r.Refused()
	if err == nil {
		return ""
	}
	text := err.Error()
	return strings.ToValidUTF8(text[:min(len(text), longestRefused)], "")
}

// same leaves aside what always changes.
func same(a, b Destination) bool {
	a.InUse, b.InUse = 0, 0
	return a == b
}
