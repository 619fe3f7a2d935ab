package replay_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/control"
	"github.com/penstock/penstock/worker/internal/replay"
	"github.com/penstock/penstock/worker/internal/store"
	"github.com/penstock/penstock/worker/internal/store/storetest"
	"github.com/penstock/penstock/worker/internal/tombstone"
)

// deliverers are what a tracker hears of deliverers, and sends to them.
type deliverers struct {
	store *store.Store

	mu      sync.Mutex
	reports []control.Report
}

func (d *deliverers) Send(ctx context.Context) (int64, error) {
	all, err := d.store.Pauses(ctx)
	return all.Revision, err
}

func (d *deliverers) CatchUp(context.Context, control.Publisher) error { return nil }

func (d *deliverers) Reports() []control.Report {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.reports
}

func (d *deliverers) report(all ...control.Report) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.reports = all
}

// with lets a runner work with these deliverers.
func (d *deliverers) with(o *replay.Options) { o.Commander, o.Fleet = d, d }

// retrying makes an event of which a first attempt has failed on a route. It waits in no queue.
func (b *bench) retrying(route string) string {
	b.t.Helper()
	id := b.accept("order.paid", 1)[0]
	require.NoError(b.t, b.emitter.Emit(b.ctx, status.Record{
		Kind: status.Retrying, Event: id, Source: "shop", Type: "order.paid", Route: route, Attempt: 1, NextAt: time.Now().Add(time.Hour),
	}))
	b.eventually(id, storetest.In(route, store.Retrying))
	return id
}

// As long as one deliverer might attempt the event, it is not cancelled, and the job says why.
func TestAJobCancelsNothingBeforeEveryDelivererWithholdsIt(t *testing.T) {
	t.Parallel()
	far := int64(1) << 60
	for name, tc := range map[string]struct {
		report  func(m tombstone.Mark) control.Report
		consume bool
		want    store.Trouble
	}{
		"a version before": {report: func(tombstone.Mark) control.Report { return control.Report{} }, want: store.DelivererTooOld},
		"a command before": {report: func(tombstone.Mark) control.Report { return control.Report{Revision: new(int64)} }, want: store.DelivererBehind},
		"during an attempt": {report: func(m tombstone.Mark) control.Report {
			return control.Report{Revision: &far, Attempted: []tombstone.Mark{m}}
		}, want: store.DelivererBehind},
		"another program": {report: func(tombstone.Mark) control.Report { return control.Report{Revision: &far} }, consume: true, want: store.UnknownConsumer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			id := b.retrying("billing")
			d := &deliverers{store: b.store}
			d.report(tc.report(tombstone.MarkOf(consume.Round{Event: id, Route: "billing"})))
			leave := func() {}
			if tc.consume {
				_, leave = b.take(topology.RouteQueue("billing"), 1)
			}
			b.background(b.runner(d.with).Run)
			job := b.ask(store.Cancel, "", store.Filter{IDs: []string{id}, Route: "billing"})
			require.Eventually(t, func() bool {
				j, err := b.store.Job(b.ctx, job)
				return err == nil && j.Trouble == tc.want
			}, patience, 20*time.Millisecond)
			all, err := b.store.Tombstones(b.ctx)
			require.NoError(t, err)
			require.Len(t, all.Withheld, 1)
			b.eventually(id, storetest.In("billing", store.Retrying))
			leave()
			d.report(control.Report{Revision: &far, Routes: []string{"billing"}})
			ended := b.ended(job)
			require.Equal(t, []any{store.JobDone, int64(1), int64(0)}, []any{ended.State, ended.Done, ended.Skipped})
			b.eventually(id, storetest.In("billing", store.Cancelled))
		})
	}
}

func TestAJobThatAPersonEndsLetsItsEventsGoOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.retrying("billing")
	d := &deliverers{store: b.store}
	d.report(control.Report{Revision: new(int64)})
	b.background(b.runner(d.with).Run)
	job := b.ask(store.Cancel, "", store.Filter{IDs: []string{id}})
	withheld := func() bool {
		all, err := b.store.Tombstones(b.ctx)
		return err == nil && len(all.Withheld) > 0
	}
	require.Eventually(t, withheld, patience, 20*time.Millisecond)
	require.NoError(t, b.store.EndJob(b.ctx, job, store.JobCancelled, store.Audit{}))
	require.Eventually(t, func() bool { return !withheld() }, patience, 20*time.Millisecond)
	b.eventually(id, storetest.In("billing", store.Retrying))
}

func TestOnlyWhatTheArchiveHoldsIsRetriedNow(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.retrying("billing")
	gone := "0199d3c4-7a51-7cc1-8f0a-000000000001"
	require.NoError(t, b.emitter.Emit(b.ctx, status.Record{Kind: status.Retrying, Event: gone, Source: "shop", Type: "order.paid", Route: "billing", Attempt: 1}))
	b.eventually(gone, storetest.In("billing", store.Retrying))
	d := &deliverers{store: b.store}
	b.background(b.runner(d.with).Run)
	ended := b.ended(b.ask(store.RetryNow, "", store.Filter{State: store.Retrying}))
	require.Equal(t, []any{store.JobDone, int64(1), int64(1)}, []any{ended.State, ended.Done, ended.Skipped})
	b.eventually(id, storetest.In("billing", store.Pending))
	b.eventually(gone, storetest.In("billing", store.Retrying))
	past, err := b.store.History(b.ctx, b.eventually(id, storetest.Archived))
	require.NoError(t, err)
	var kinds []status.Kind
	for _, p := range past {
		if p.Route == "billing" {
			kinds = append(kinds, p.Kind)
		}
	}
	require.Equal(t, []status.Kind{status.Retrying, status.Cancelled, status.Replayed}, kinds)
}
