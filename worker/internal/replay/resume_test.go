package replay_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/replay"
	"github.com/penstock/penstock/worker/internal/store"
)

// dying is a publisher that stops to answer after a number of messages, as a process
// does that dies.
type dying struct {
	*amqpx.Publisher
	left atomic.Int64
	dead chan struct{} // closed when it has stopped
}

func (d *dying) Publish(ctx context.Context, p amqpx.Publication) error {
	switch left := d.left.Add(-1); {
	case left > 0:
		return d.Publisher.Publish(ctx, p)
	case left == 0:
		close(d.dead)
	}
	<-ctx.Done()
	return ctx.Err()
}

func TestAnotherRunnerGoesOnWhereOneStoppedAndNothingIsLost(t *testing.T) {
	t.Parallel()
	for name, state := range map[string]status.Kind{"dead letters": status.Dead, "archive": status.Delivered} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			events := b.accept("order.paid", 400)
			b.finish("billing", 400, state)
			d := &dying{Publisher: b.publisher, dead: make(chan struct{})}
			d.left.Store(150)
			stop := b.background(b.runner(func(o *replay.Options) { o.Publisher = d }).Run)
			id := b.ask(store.Replay, "", store.Filter{Route: "billing", State: store.State(state)})
			select {
			case <-d.dead:
			case <-time.After(patience):
				require.Fail(t, "it did not come to the end of its publisher")
			}
			stop()
			job, err := b.store.Job(b.ctx, id)
			require.NoError(t, err)
			require.Equal(t, store.JobRunning, job.State)
			require.Less(t, job.Done, int64(200))

			b.background(b.runner(nil).Run)
			job = b.ended(id)
			require.Equal(t, store.JobDone, job.State, job.Trouble)
			seen := map[string]bool{}
			taken, _ := b.take(topology.RouteQueue("billing"), b.Depth(t, topology.RouteQueue("billing")))
			for _, m := range taken {
				seen[m.Message.ID] = true
			}
			require.LessOrEqual(t, len(taken), 400+150, "what was done is not done again, but for the last page")
			for _, e := range events {
				require.True(t, seen[e], "%s was lost", e)
			}
			b.depth(topology.DeadQueue("billing"), 0)
		})
	}
}

func TestACancelledJobStopsWithinMoments(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.accept("order.paid", 200)
	b.finish("billing", 200, status.Dead)
	b.background(b.runner(nil).Run)
	j := &store.Job{
		ID: event.NewID(), Kind: store.Replay, Filter: store.Filter{Route: "billing", State: store.Dead}, Rate: 20, By: "anna",
		State: store.JobWaiting, Created: time.Now(), Progress: store.Progress{Total: store.Uncounted},
	}
	require.NoError(t, b.store.AddJob(b.ctx, j, store.Audit{}))
	require.Eventually(t, func() bool {
		now, err := b.store.Job(b.ctx, j.ID)
		return err == nil && now.Done >= 5
	}, patience, 20*time.Millisecond)
	require.NoError(t, b.store.EndJob(b.ctx, j.ID, store.JobCancelled, store.Audit{}))
	require.Eventually(t, func() bool {
		return b.Depth(t, topology.DeadQueue("billing"))+b.Depth(t, topology.RouteQueue("billing")) == 200
	}, patience, 100*time.Millisecond, "what it held is back")
	require.Positive(t, b.Depth(t, topology.DeadQueue("billing")))
}

func TestAJobLeavesAloneWhatItHasReplayedItself(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.accept("order.paid", 30)
	b.finish("billing", 30, status.Dead)
	job := b.did(store.Replay, "", store.Filter{State: store.Dead})
	b.finish("billing", 30, status.Dead) // they fail again
	again := *job
	again.ID, again.State, again.Progress = job.ID, store.JobWaiting, store.Progress{}
	r := b.runner(nil)
	left, err := r.Sweep(b.ctx, &again, "billing")
	require.NoError(t, err)
	require.Zero(t, left)
	require.Equal(t, int64(30), b.did(store.Replay, "", store.Filter{State: store.Dead}).Done, "another job takes them")
}

func TestTwoJobsShareTheDeadLettersOfARoute(t *testing.T) {
	t.Parallel()
	b := setup(t)
	paid, void := b.accept("order.paid", 100), b.accept("order.void", 100)
	b.finish("billing", 200, status.Dead)
	one := b.ask(store.Replay, "", store.Filter{Type: "order.paid", State: store.Dead, Route: "billing"})
	two := b.ask(store.Discard, "", store.Filter{Type: "order.void"})
	b.background(b.runner(nil).Run)
	require.Equal(t, int64(len(paid)), b.ended(one).Done)
	require.Equal(t, int64(len(void)), b.ended(two).Done)
	b.depth(topology.DeadQueue("billing"), 0)
}
