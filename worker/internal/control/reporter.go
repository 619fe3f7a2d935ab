package control

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
)

// How often a deliverer looks whether something has changed, tries to report for the first time,
// reports although nothing has changed, and how long a report may take.
const (
	reportLook  = time.Second
	reportSoon  = 100 * time.Millisecond
	reportEvery = 10 * time.Second
	reportTime  = 5 * time.Second
)

// Publisher publishes. *amqpx.Publisher is one.
type Publisher interface {
	// Publish returns nil only when the broker confirmed the message and a queue took it.
	Publish(ctx context.Context, p amqpx.Publication) error
}

// Reporter tells how a deliverer sees its destinations, and which command it obeys.
type Reporter struct {
	Refused func() error // why the newest configuration is not in force; nil: it is, or there is no such function. It is set before Run.

	instance  string
	process   string
	publisher Publisher
	look      func() Report
	log       *zap.Logger

	called chan struct{} // gets a value when it has to look
	known  chan struct{} // closed when it has reported for the first time
	know   sync.Once
	last   Report
}

// NewReporter makes a reporter of the deliverer with the name instance. Look returns what it
// reports, but for the name and the time.
func NewReporter(instance string, p Publisher, look func() Report, log *zap.Logger) *Reporter {
	return &Reporter{
		instance: instance, process: event.NewID(), publisher: p, look: look, log: log, called: make(chan struct{}, 1), known: make(chan struct{}),
	}
}

// Known is closed when the deliverer has reported for the first time. A deliverer that listens
// to commands only after that misses none that a tracker awaits its answer to.
func (r *Reporter) Known() <-chan struct{} { return r.known }

// Call makes the reporter look at once whether something has changed. It never blocks.
func (r *Reporter) Call() {
	select {
	case r.called <- struct{}{}:
	default:
	}
}

// Run reports until ctx is done, and then that the deliverer stops. A report that fails is made
// again a second later.
func (r *Reporter) Run(ctx context.Context) {
	for ctx.Err() == nil {
		r.report(ctx, time.Now())
		select {
		case <-ctx.Done():
		case <-r.called:
		case <-time.After(r.wait()):
		}
	}
	r.publish(context.WithoutCancel(ctx), Report{Stops: true, At: time.Now()})
}

// wait is how long the reporter waits before it looks again.
func (r *Reporter) wait() time.Duration {
	if r.last.At.IsZero() {
		return reportSoon
	}
	return reportLook
}

func (r *Reporter) report(ctx context.Context, now time.Time) {
	seen := r.look()
	seen.At, seen.Refused = now, r.readRefused()
	if now.Sub(r.last.At) < reportEvery && seen.same(&r.last) {
		return
	}
	if r.publish(ctx, seen) {
		r.last = seen
		r.know.Do(func() { close(r.known) })
	}
}

func (r *Reporter) publish(ctx context.Context, what Report) bool {
	what.Instance, what.Process = r.instance, r.process
	m, err := encode(typeReport, what)
	if err == nil {
		ctx, cancel := context.WithTimeout(ctx, reportTime)
		defer cancel()
		err = r.publisher.Publish(ctx, amqpx.Publication{Key: topology.Reports, Message: m})
	}
	if err != nil {
		r.log.Debug("no report could be made", zap.Error(err))
	}
	return err == nil
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
func (r *Report) same(o *Report) bool {
	return r.Refused == o.Refused && r.Revision != nil && o.Revision != nil && *r.Revision == *o.Revision &&
		slices.Equal(r.Routes, o.Routes) && slices.Equal(r.Attempted, o.Attempted) && slices.EqualFunc(r.Destinations, o.Destinations, sameDestination)
}

func sameDestination(a, b Destination) bool {
	a.InUse, b.InUse = 0, 0
	return a == b
}
