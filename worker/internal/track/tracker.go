package track

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/instrument"
	"github.com/penstock/penstock/worker/internal/store"
)

// settleTime is how long a new configuration may take to reach every gateway. Only what
// is accepted later is expected on its new routes.
const settleTime = time.Minute

// DefaultIdle is how long a stream may bring nothing before the tracker looks whether
// it is still the same stream.
const DefaultIdle = 15 * time.Second

// Options are what a Tracker works with. Store, Consumer, Meter and Log must be set.
type Options struct {
	Store     *store.Store
	Consumer  *amqpx.Consumer
	Archive   bool          // whether there is an archive to read
	NoStreams bool          // status records come from a queue
	Retention time.Duration // how long finished events are kept; 0: for ever
	Idle      time.Duration // 0: DefaultIdle
	Meter     metric.Meter
	Log       *zap.Logger

	// Beside runs for as long as this tracker is the active one; nil: nothing does.
	Beside func(ctx context.Context)
}

// Tracker keeps the store up to date, unless another one does.
type Tracker struct {
	options    Options
	store      *store.Store
	metrics    *metrics
	log        *zap.Logger
	configured atomic.Pointer[configured]
	active     atomic.Bool
	problem    atomic.Pointer[error] // the store's last one

	mu      sync.Mutex
	changed chan struct{} // closed when a batch was stored
	feeds   []feed        // of the streams, while this tracker is the active one

	progress progress
	newest   newest
}

// configured are the routes of a configuration.
type configured struct {
	bindings map[string][]string
	at       time.Time // when they were configured
}

// New makes a tracker. It fails when a metric cannot be made.
func New(o Options) (*Tracker, error) {
	if o.Idle == 0 {
		o.Idle = DefaultIdle
	}
	t := &Tracker{options: o, store: o.Store, log: o.Log, changed: make(chan struct{})}
	t.configured.Store(&configured{})
	m, err := newMetrics(o.Meter, t.active.Load)
	if err != nil {
		return nil, fmt.Errorf("make the tracker's metrics: %w", err)
	}
	t.metrics = m
	maker := instrument.From(o.Meter)
	t.observeStanding(maker)
	if err := maker.Err(); err != nil {
		return nil, err
	}
	return t, nil
}

// Configure names the routes with their bindings, "<source>.<pattern of types>". It may
// be called at any time.
func (t *Tracker) Configure(bindings map[string][]string) {
	t.configured.Store(&configured{maps.Clone(bindings), time.Now()})
}

func (c *configured) texts() map[string]string {
	texts := make(map[string]string, len(c.bindings))
	for name, patterns := range c.bindings {
		texts[name] = strings.Join(patterns, " ")
	}
	return texts
}

// Run keeps the store up to date until ctx is done. While another tracker does, it
// waits.
func (t *Tracker) Run(ctx context.Context) {
	t.metrics.begin(ctx)
	for pause := firstPause; ctx.Err() == nil; pause = min(2*pause, longestPause) {
		began := time.Now()
		err := t.turn(ctx)
		if ctx.Err() != nil {
			break
		}
		t.note(err)
		if time.Since(began) > longestPause {
			pause = firstPause
		}
		t.log.Warn("not tracking", zap.Error(err), zap.Duration("wait", pause))
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

// turn waits for the lock, and works while it is held.
func (t *Tracker) turn(ctx context.Context) error {
	lock, err := t.store.AwaitLock(ctx)
	if err != nil {
		return err
	}
	defer lock.Release()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var watching sync.WaitGroup
	defer watching.Wait()
	defer cancel(nil)
	watching.Go(func() {
		select {
		case <-lock.Lost():
			cancel(errors.New("the lock was lost"))
		case <-ctx.Done():
		}
	})
	t.active.Store(true)
	defer t.active.Store(false)
	t.log.Info("this tracker is active")
	if t.options.Beside != nil {
		watching.Go(func() { t.options.Beside(ctx) })
	}
	return errors.Join(t.lead(ctx), context.Cause(ctx))
}

// note keeps the store's state for Ready.
func (t *Tracker) note(err error) { t.problem.Store(&err) }

// Active reports whether this tracker writes.
func (t *Tracker) Active() bool { return t.active.Load() }

// Ready returns nil unless the store has failed lately. It returns at once.
func (t *Tracker) Ready() error {
	if err := t.problem.Load(); err != nil {
		return *err
	}
	return nil
}

// Changed returns a channel that is closed when the store has something new.
func (t *Tracker) Changed() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.changed
}

func (t *Tracker) tell() {
	t.mu.Lock()
	defer t.mu.Unlock()
	close(t.changed)
	t.changed = make(chan struct{})
}
