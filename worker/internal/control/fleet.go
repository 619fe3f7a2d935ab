package control

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
)

// Fresh is how long a report is believed.
const Fresh = 30 * time.Second

// Fleet is what the deliverers tell. It is safe for concurrent use.
type Fleet struct {
	consumer *amqpx.Consumer
	log      *zap.Logger

	mu      sync.Mutex
	reports map[string]Report        // the last one of each deliverer
	markers map[string]chan struct{} // closed when the marker with the id is read
}

// NewFleet makes a fleet that knows nobody yet. Run listens.
func NewFleet(c *amqpx.Consumer, log *zap.Logger) *Fleet {
	return &Fleet{consumer: c, log: log, reports: map[string]Report{}, markers: map[string]chan struct{}{}}
}

// Run listens until ctx is done. Without streams a [Collector] listens for it.
func (f *Fleet) Run(ctx context.Context) {
	err := f.consumer.Subscribe(amqpx.Subscription{
		Queue: topology.Reports, Ordered: true, Prefetch: 64, Drain: time.Second, Handle: f.hear,
		Args: map[string]any{"x-stream-offset": time.Now().Add(-Fresh)},
	}).Run(ctx)
	if err != nil {
		f.log.Warn("stopped listening to deliverers", zap.Error(err))
	}
}

func (f *Fleet) hear(_ context.Context, d *amqpx.Delivery) {
	defer func() { _ = d.Ack() }() // makes room for the next one
	f.note(d.Message)
}

func (f *Fleet) note(m *event.Message) {
	if m.Type == typeMarker {
		f.noteMarker(m.ID)
		return
	}
	var r Report
	if err := decode(typeReport, m, &r); err != nil {
		f.log.Debug("a report cannot be read", zap.Error(err))
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	deliverer := cmp.Or(r.Process, r.Instance)
	if last, known := f.reports[deliverer]; known && last.At.After(r.At) {
		return
	}
	if r.Stops {
		delete(f.reports, deliverer)
		return
	}
	f.reports[deliverer] = r
}

// Reports returns the last report of each deliverer that was heard of lately, ordered by
// its name.
func (f *Fleet) Reports() []Report {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []Report
	for name, r := range f.reports {
		if time.Since(r.At) > Fresh {
			delete(f.reports, name)
			continue
		}
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b Report) int {
		return cmp.Or(cmp.Compare(a.Instance, b.Instance), cmp.Compare(a.Process, b.Process))
	})
	return all
}
