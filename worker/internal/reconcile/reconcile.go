package reconcile

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/worker/internal/adapter"
	"github.com/penstock/penstock/worker/internal/store"
)

// Store keeps how far each account has come. *store.Store does.
type Store interface {
	Account(ctx context.Context, name string) (*store.Account, error)
	SaveAccount(ctx context.Context, step *store.AccountStep) (int64, error)
	SentDue(ctx context.Context, account string, by time.Time, limit int, states ...store.SentState) ([]store.Sent, error)
	SentNamed(ctx context.Context, account string, events []string) (map[string]store.Sent, error)
	AcceptedBy(ctx context.Context, source string, events []string) (map[string]string, error)
	FirstAccepted(ctx context.Context, source string) (time.Time, error)
	LastGap(ctx context.Context, stream string) (time.Time, error)
	Recovery(ctx context.Context, account string) (store.Recovery, error)
	EndRecovery(ctx context.Context, r store.Recovery) error
	Counts
}

// Counts says how many events there are.
type Counts interface {
	SentTallies(ctx context.Context) ([]store.SentTally, error)
	SentGap(ctx context.Context, account string, lostSince time.Time) (store.SentGap, error)
}

// Tracker knows how much of the archive the store has. *track.Tracker does.
type Tracker interface {
	// Current returns nil when the streams are being read and the store is not behind.
	Current() error
	// Behind returns how far the store is behind the archive.
	Behind() time.Duration
}

// Publisher hands events to gateways. *amqpx.Publisher does.
type Publisher interface {
	Publish(ctx context.Context, p amqpx.Publication) error
}

// Options are what a Reconciler works with. All must be set but what says so.
type Options struct {
	Store     Store
	Tracker   Tracker
	Publisher Publisher
	Config    func() *config.Config
	Archive   bool          // without one it is not known what was accepted: nothing is compared
	Retention time.Duration // of the store; zero: for ever
	Meter     metric.Meter
	Log       *zap.Logger

	Adapter func(*config.Account) (adapter.Adapter, error) // nil: that of package adapter
	Now     func() time.Time                               // nil: time.Now
}

// lookEvery is how often the configuration is looked at.
const lookEvery = time.Second

// Reconciler works on all accounts of the configuration.
type Reconciler struct {
	Options

	metrics *metrics
}

// New makes a reconciler. It fails when its metrics cannot be made.
func New(o Options) (*Reconciler, error) {
	if o.Adapter == nil {
		o.Adapter = func(a *config.Account) (adapter.Adapter, error) {
			return adapter.New(a, http.DefaultTransport, time.Now)
		}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	r := &Reconciler{Options: o}
	m, err := newMetrics(o.Meter, o.Store)
	if err != nil {
		return nil, fmt.Errorf("make the reconciler's metrics: %w", err)
	}
	r.metrics = m
	return r, nil
}

// Run works until ctx is done. It runs in one process at a time: that of the active tracker.
func (r *Reconciler) Run(ctx context.Context) {
	r.metrics.active.Store(true)
	defer r.metrics.active.Store(false)
	running := map[string]*running{}
	defer func() {
		for _, one := range running {
			one.stop()
		}
	}()
	ticks := time.NewTicker(lookEvery)
	defer ticks.Stop()
	for {
		r.follow(ctx, running)
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
	}
}

// running is a worker at work.
type running struct {
	account *config.Account
	cancel  context.CancelFunc
	done    sync.WaitGroup
}

func (r *running) stop() {
	r.cancel()
	r.done.Wait()
}

// follow starts and stops workers as the configuration has it.
func (r *Reconciler) follow(ctx context.Context, all map[string]*running) {
	accounts := r.Config().Accounts
	for name, one := range all {
		if now := accounts[name]; now == nil || !now.Equal(one.account) {
			one.stop()
			delete(all, name)
		}
	}
	for name, account := range accounts {
		if all[name] != nil {
			continue
		}
		one := &running{account: account}
		ctx, cancel := context.WithCancel(ctx)
		one.cancel = cancel
		all[name] = one
		w, err := r.worker(account)
		if err != nil {
			r.Log.Error("the account cannot be used", zap.Error(err))
			continue
		}
		one.done.Go(func() { w.run(ctx) })
	}
}
