package ledger

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"
	"golang.org/x/time/rate"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/instrument"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/store"
)

// The defaults of Options.
const (
	DefaultEvery    = 5 * time.Second
	DefaultPatience = 30 * time.Second
	DefaultMargin   = 8 * time.Second
)

// Broker answers questions about queues. *amqpx.Consumer is one.
type Broker interface {
	Inspect(ctx context.Context, queue string) (amqpx.QueueState, error)
}

// Tracker is the one that writes to the store. *track.Tracker is one.
type Tracker interface {
	// Passed reports whether a record-less message of the status stream was stored, with
	// everything before it.
	Passed(id string) bool
	// Changed is closed when the store has something new.
	Changed() <-chan struct{}
	// Current returns nil when the streams are being read and the store is not behind, and
	// else what is wrong.
	Current() error
	// Frontier returns when the newest event was accepted of which a first attempt was
	// recorded on the route, since it was asked last; zero: none was.
	Frontier(route string) time.Time
}

// Publisher publishes the messages that mark the status stream.
type Publisher interface {
	Publish(ctx context.Context, p amqpx.Publication) error
}

// Emitter records what the broker did by itself. *status.Emitter is one.
type Emitter interface {
	Emit(ctx context.Context, records ...status.Record) error
}

// Letters looks through a queue, and leaves everything where it is. *Queues is one.
type Letters interface {
	Look(ctx context.Context, queue string, most int) ([]Letter, error)
}

// Route is what the ledger has to know of a route.
type Route struct {
	Name       string
	Partitions int // of one with ordering; 0 of the others
}

// Options are what a Ledger works with. Without a default, all must be set.
type Options struct {
	Store     *store.Store
	Broker    Broker
	Tracker   Tracker
	Publisher Publisher
	Emitter   Emitter
	Letters   Letters
	Routes    func() []Route // of the configuration
	Meter     metric.Meter
	Log       *zap.Logger

	// Unsure says that records may be gone without a trace, as where no stream keeps them. The
	// ledger then finds what the broker made dead letters of, and claims nothing.
	Unsure bool

	Every    time.Duration // how often to look; 0: DefaultEvery
	Patience time.Duration // for how long all looks must agree; 0: DefaultPatience
	Margin   time.Duration // within which workers tell, and clocks agree; 0: DefaultMargin
}

// Ledger finds the events that are in flight by their records alone.
type Ledger struct {
	Options

	window     []sample
	looked     map[string]time.Time // by route: when its dead letters were looked through
	found      map[key]struct{}     // among them, and not in the store yet
	peeks      map[string]*peek     // by route: what was seen in a queue that nobody works on
	last       verdict
	lastCounts map[string]int // as they were saved
	lastUnsure int            // likewise
	saved      time.Time
	gauge      *gauge
	blind      rate.Sometimes // thins out the log lines of a ledger that cannot look
}

// New makes a ledger. It fails when its metric cannot be made.
func New(o Options) (*Ledger, error) {
	o.Every, o.Patience, o.Margin = cmp.Or(o.Every, DefaultEvery), cmp.Or(o.Patience, DefaultPatience), cmp.Or(o.Margin, DefaultMargin)
	l := &Ledger{Options: o, looked: map[string]time.Time{}, found: map[key]struct{}{}, peeks: map[string]*peek{}, gauge: new(gauge), blind: rate.Sometimes{Interval: time.Minute}}
	metrics := instrument.From(o.Meter)
	metrics.Observe("penstock.unaccounted.events", func(_ context.Context, observe instrument.Observation) {
		for route, n := range l.gauge.read(time.Now()) {
			observe(float64(n), attribute.String("route", route))
		}
	})
	if err := metrics.Err(); err != nil {
		return nil, fmt.Errorf("make the ledger's metric: %w", err)
	}
	return l, nil
}

// Run looks until ctx is done. One ledger runs at a time: that of the active tracker.
func (l *Ledger) Run(ctx context.Context) {
	l.window = nil
	defer l.gauge.set(nil, time.Time{})
	ticks := time.NewTicker(l.Every)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		if err := l.round(ctx); err != nil && ctx.Err() == nil {
			l.window = nil // what was seen before proves nothing any more
			l.reportBlind(err)
		}
	}
}

// round looks once, and judges by all looks that it remembers.
func (l *Ledger) round(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, max(2*l.Every, 10*time.Second))
	defer cancel()
	s, err := l.look(ctx)
	if err != nil {
		return err
	}
	l.remember(s)
	if !l.settled() {
		return nil
	}
	v, err := l.judge(ctx)
	if err == nil {
		err = l.absolve(ctx, v)
	}
	if err != nil || l.Unsure {
		return err
	}
	l.tell(v)
	return l.save(ctx, v)
}

// reportBlind logs that the ledger cannot look, when its last verdict is too old to hold.
func (l *Ledger) reportBlind(err error) {
	l.Log.Debug("the ledger cannot look", zap.Error(err))
	if l.Unsure || holds(l.last.at, time.Now()) {
		return
	}
	l.blind.Do(func() {
		l.Log.Warn("the ledger cannot look: whether every event is accounted for is not known", zap.Time("since", l.last.at), zap.Error(err))
	})
}

// tell logs what is newly missing, and sets the metric.
func (l *Ledger) tell(v verdict) {
	for k, one := range v.missing {
		if _, known := l.last.missing[k]; !known {
			l.Log.Error("an event is unaccounted: it is in flight by its records, and nowhere in the broker",
				zap.String("event", one.Event), zap.String("route", one.Route), zap.String("source", one.Source), zap.Time("since", one.Due))
		}
	}
	for route, n := range v.short {
		if n > l.last.short[route] {
			l.tellShort(route, n)
		}
	}
	counts := v.counts()
	for _, r := range l.Routes() {
		counts[r.Name] += 0
	}
	l.gauge.set(counts, v.at)
	l.last = v
}

// tellShort logs that more of a route are missing, by what the broker and the store say.
func (l *Ledger) tellShort(route string, n int) {
	oldest, newest := l.window[0], l.newest()
	l.Log.Error("events are unaccounted: they are in flight by their records, and not ready in the broker",
		zap.String("route", route), zap.Int("events", n),
		zap.Int("silent", newest.routes[route].silent), zap.Int("ready", newest.routes[route].ready), zap.Time("until", newest.routes[route].cutoff),
		zap.Time("since", oldest.at), zap.Int("looks", len(l.window)))
}
