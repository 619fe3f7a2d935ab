package condition

import (
	"cmp"
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/worker/internal/control"
	"github.com/penstock/penstock/worker/internal/incident"
	"github.com/penstock/penstock/worker/internal/store"
)

// DefaultEvery is how often the watch looks when nothing else is set.
const DefaultEvery = 3 * time.Second

// How long one look may take, and how often old incidents are deleted and how old they are.
const (
	lookTime   = 10 * time.Second
	pruneEvery = time.Hour
	keptFor    = 90 * 24 * time.Hour
)

// Broker answers questions about queues. *amqpx.Consumer is one.
type Broker interface {
	Inspect(ctx context.Context, queue string) (amqpx.QueueState, error)
}

// Fleet is the deliverers. *control.Fleet is one.
type Fleet interface {
	// Reports returns the last report of each deliverer that was heard of lately.
	Reports() []control.Report
}

// Options are what a Watch works with. Without a default, all must be set.
type Options struct {
	Store   *store.Store
	Broker  Broker
	Fleet   Fleet
	Config  func() *config.Config // the one in force
	Refused func() error          // why the newest configuration is not in force; nil: it is
	Gateway string                // the URL that senders see; empty: not known
	Log     *zap.Logger

	BrokerFiles Files // of this process

	Every time.Duration    // how often to look; 0: DefaultEvery
	Now   func() time.Time // nil: time.Now
}

// Watch looks for incidents. One runs at a time: that of the active tracker.
type Watch struct {
	Options

	alone        map[string]bool // routes that had no deliverer at the last look
	certificates *certificates
	pruned       time.Time
}

// finder finds the conditions of one kind. When known is false it could not find out.
type finder func(ctx context.Context, now time.Time) (found []store.Condition, known bool)

// New makes a watch.
func New(o Options) *Watch {
	o.Every = cmp.Or(o.Every, DefaultEvery)
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Watch{Options: o, alone: map[string]bool{}, certificates: &certificates{options: &o}}
}

// Run looks until ctx is done.
func (w *Watch) Run(ctx context.Context) {
	ticks := time.NewTicker(w.Every)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		if err := w.RunOnce(ctx); err != nil && ctx.Err() == nil {
			w.Log.Warn("the incidents are not up to date; trying again", zap.Error(err))
		}
	}
}

// RunOnce looks for all conditions once, and stores the ones that it finds. It fails when the store does.
func (w *Watch) RunOnce(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	now := w.Now()
	var kinds []incident.Kind
	var found []store.Condition
	for kind, find := range map[incident.Kind]finder{
		incident.NoDeliverer: w.findUnconsumed, incident.BacklogAge: w.findBacklogs, incident.Unaccounted: w.findUnaccounted,
		incident.SilentSource: w.findSilent, incident.ConfigRefused: w.findRefusals, incident.CertificateExpires: w.certificates.find,
		incident.ProviderGap: w.findGaps, incident.AccountFailing: w.findFailingAccounts, incident.SubscriptionChanged: w.findChangedSubscriptions,
	} {
		if some, known := find(ctx, now); known {
			kinds, found = append(kinds, kind), append(found, some...)
		}
	}
	if err := w.Store.ObserveIncidents(ctx, kinds, found, now); err != nil {
		return err
	}
	if err := w.Store.SettleIncidents(ctx, now); err != nil {
		return err
	}
	return w.pruneIncidents(ctx, now)
}

func (w *Watch) pruneIncidents(ctx context.Context, now time.Time) error {
	if now.Sub(w.pruned) < pruneEvery {
		return nil
	}
	w.pruned = now
	return w.Store.PruneIncidents(ctx, now.Add(-keptFor))
}
