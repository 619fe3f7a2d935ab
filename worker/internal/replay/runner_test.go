package replay_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/replay"
	"github.com/penstock/penstock/worker/internal/store"
	"github.com/penstock/penstock/worker/internal/store/storetest"
)

func TestDeadLettersAreReplayedToTheirRouteAloneAndThenGone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	events := b.accept("order.paid", 120)
	b.finish("billing", 120, status.Dead)
	b.finish("audit", 120, status.Dead)

	job := b.did(store.Replay, "", store.Filter{State: store.Dead, Route: "billing"})
	require.Equal(t, store.JobDone, job.State)
	require.Equal(t, []int64{120, 120, 0}, []int64{job.Total, job.Done, job.Skipped})
	b.depth(topology.DeadQueue("billing"), 0)
	b.depth(topology.DeadQueue("audit"), 120)
	b.depth(topology.RouteQueue("audit"), 0)
	b.eventually(events[0], storetest.In("billing", store.Pending))

	again := b.finish("billing", 120, status.Delivered)
	for _, m := range again {
		require.Equal(t, m.ID, string(m.Body))
		require.Equal(t, int64(1), m.Int(event.HeaderAttempt))
		require.Equal(t, job.ID, m.Text(event.HeaderReplay))
		require.WithinDuration(t, time.Now(), time.UnixMilli(m.Int(event.HeaderReplayedAt)), patience)
		require.NotContains(t, m.Headers, event.HeaderDeadAt)
		require.NotContains(t, m.Headers, event.HeaderReason)
	}
	e := b.eventually(events[7], storetest.In("billing", store.Delivered))
	past, err := b.store.History(b.ctx, e)
	require.NoError(t, err)
	var kinds []string
	for _, p := range past {
		if p.Route == "billing" {
			kinds = append(kinds, string(p.Kind)+"/"+p.By)
		}
	}
	require.Equal(t, []string{"dead/", "replayed/anna", "delivered/"}, kinds)
	audits, err := b.store.Audits(b.ctx, 0, 10)
	require.NoError(t, err)
	require.Equal(t, "replay-ended", audits[0].Action)
	require.Equal(t, int64(120), audits[0].Count)
}

func TestADeadLetterThatIsGoneFromItsQueueIsReplayedFromTheArchive(t *testing.T) {
	t.Parallel()
	for name, filter := range map[string]func(ids []string) store.Filter{
		"by its id":    func(ids []string) store.Filter { return store.Filter{IDs: ids[2:3], Route: "billing"} },
		"by its state": func([]string) store.Filter { return store.Filter{State: store.Dead} },
		"by its route": func([]string) store.Filter { return store.Filter{Route: "billing"} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			events := b.accept("order.paid", 5)
			b.finish("billing", 5, status.Dead)
			b.finish("audit", 5, status.Delivered)
			purged, stop := b.take(topology.DeadQueue("billing"), 5)
			for i, d := range purged {
				if i == 2 || i == 4 {
					require.NoError(t, d.Ack())
				} else {
					require.NoError(t, d.Release())
				}
			}
			stop()
			f := filter(events)
			job := b.did(store.Replay, "", f)
			require.Equal(t, store.JobDone, job.State)
			want := 5
			if len(f.IDs) > 0 {
				want = 1
			}
			require.EqualValues(t, want, job.Done)
			require.Zero(t, job.Skipped)
			b.depth(topology.DeadQueue("billing"), 3-min(want-1, 3))
			seen := map[string]int{}
			for _, m := range b.finish("billing", want, status.Delivered) {
				seen[m.ID]++
			}
			require.Len(t, seen, want)
			require.Equal(t, 1, seen[events[2]])
			b.depth(topology.RouteQueue("billing"), 0)

			again := b.did(store.Replay, "", store.Filter{State: store.Dead, Route: "billing"})
			require.EqualValues(t, 5-want, again.Done, "what was replayed is no dead letter any more")
		})
	}
}

func TestADeadLetterThatIsGoneFromItsQueueIsDiscarded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	events := b.accept("order.paid", 3)
	b.finish("billing", 3, status.Dead)
	purged, stop := b.take(topology.DeadQueue("billing"), 3)
	require.NoError(t, purged[0].Ack())
	require.NoError(t, purged[1].Ack())
	require.NoError(t, purged[2].Release())
	stop()
	job := b.did(store.Discard, "", store.Filter{IDs: events[:1]})
	require.Equal(t, store.JobDone, job.State)
	require.EqualValues(t, 1, job.Done)
	job = b.did(store.Discard, "", store.Filter{State: store.Dead})
	require.EqualValues(t, 2, job.Done, "the one that is in its queue, and the one that is not")
	b.depth(topology.DeadQueue("billing"), 0)
	for _, id := range events {
		b.eventually(id, storetest.In("billing", store.Discarded))
	}
}

func TestWithoutAnArchiveTheJobSaysThatADeadLetterIsGone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	events := b.accept("order.paid", 1)
	b.finish("billing", 1, status.Dead)
	purged, stop := b.take(topology.DeadQueue("billing"), 1)
	require.NoError(t, purged[0].Ack())
	stop()
	b.background(b.runner(func(o *replay.Options) { o.Archive = false }).Run)
	job := b.ended(b.ask(store.Replay, "", store.Filter{IDs: events}))
	require.Equal(t, store.JobFailed, job.State)
	require.Equal(t, store.NoArchive, job.Trouble)
}

func TestOneDeadLetterIsTakenFromTheMiddleOfManyWhichKeepTheirPlaces(t *testing.T) {
	t.Parallel()
	for kind, left := range map[store.JobKind]store.State{store.Replay: store.Pending, store.Discard: store.Discarded} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			events := b.accept("order.paid", 400)
			b.finish("billing", 400, status.Dead)
			job := b.did(kind, "", store.Filter{IDs: []string{events[250]}, Route: "billing"})
			require.Equal(t, []int64{1, 1, 0}, []int64{job.Total, job.Done, job.Skipped})
			b.eventually(events[250], storetest.In("billing", left))
			b.depth(topology.DeadQueue("billing"), 399)
			rest, _ := b.take(topology.DeadQueue("billing"), 399)
			messages := make([]*event.Message, len(rest))
			for i, d := range rest {
				messages[i] = d.Message
			}
			require.Equal(t, strings.Join(append(events[:250:250], events[251:]...), " ")+" ", ids(messages))
		})
	}
}

func TestOnlyWhatTheFilterMeansIsDiscarded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	paid, void := b.accept("order.paid", 30), b.accept("order.void", 30)
	b.finish("billing", 60, status.Dead)
	require.Zero(t, b.did(store.Discard, "", store.Filter{Type: "order.void", Reason: "timeout"}).Done)
	job := b.did(store.Discard, "", store.Filter{Type: "order.v*", Reason: "rejected"})
	require.Equal(t, int64(30), job.Done)
	b.depth(topology.DeadQueue("billing"), 30)
	for i := range paid {
		b.eventually(paid[i], storetest.In("billing", store.Dead))
		b.eventually(void[i], storetest.In("billing", store.Discarded))
	}
}

func TestDeliveredEventsAreReplayedFromTheArchive(t *testing.T) {
	t.Parallel()
	b := setup(t)
	events := b.accept("order.paid", 250)
	b.finish("billing", 250, status.Delivered)
	b.finish("audit", 240, status.Delivered) // ten are on their way

	job := b.did(store.Replay, "", store.Filter{State: store.Delivered, Route: "billing"})
	require.Equal(t, []int64{250, 250, 0}, []int64{job.Total, job.Done, job.Skipped})
	for _, m := range b.finish("billing", 250, status.Delivered) {
		require.Equal(t, m.ID, string(m.Body))
		require.Equal(t, job.ID, m.Text(event.HeaderReplay))
	}
	b.depth(topology.RouteQueue("billing"), 0)

	job = b.did(store.Replay, "", store.Filter{Source: "shop"})
	require.Equal(t, int64(490), job.Done, "what is on its way is not sent a second time")
	b.depth(topology.RouteQueue("billing"), 250)

	job = b.did(store.Replay, "", store.Filter{IDs: []string{events[249]}})
	require.Equal(t, int64(2), job.Done, "unless it is asked for by its id")
}

func TestUnroutedEventsAreReplayedAfterTheirRouteWasAdded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	events := b.accept("refund.made", 40)
	job := b.did(store.Replay, "", store.Filter{State: store.Unrouted})
	require.Equal(t, []int64{0, 40}, []int64{job.Done, job.Skipped}, "there is nowhere to go yet")

	b.configure(configuration + `  refunds: {from: [shop], types: ["refund.*"], to: out}` + "\n")
	job = b.did(store.Replay, "", store.Filter{State: store.Unrouted})
	require.Equal(t, []int64{40, 0}, []int64{job.Done, job.Skipped})
	b.finish("refunds", 40, status.Delivered)
	for _, id := range events {
		b.eventually(id, storetest.In("refunds", store.Delivered))
	}
}

func TestEverythingOfAFilterIsReplayedToAnotherRoute(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.accept("order.paid", 30)
	b.finish("billing", 30, status.Dead)
	b.finish("audit", 10, status.Dead)
	b.finish("audit", 20, status.Delivered)
	job := b.did(store.Replay, "audit", store.Filter{State: store.Dead, Route: "billing"})
	require.Equal(t, int64(30), job.Done)
	b.depth(topology.RouteQueue("audit"), 30)
	b.depth(topology.DeadQueue("billing"), 30) // nothing was done about these
	b.depth(topology.DeadQueue("audit"), 0)
}

func TestAJobThatCanNeverGoOnFails(t *testing.T) {
	t.Parallel()
	b := setup(t)
	job := b.did(store.Replay, "nowhere", store.Filter{Source: "shop"})
	require.Equal(t, store.JobFailed, job.State)
	require.Equal(t, store.UnknownRoute, job.Trouble)
}
