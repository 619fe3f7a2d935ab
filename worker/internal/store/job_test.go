package store_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/worker/internal/store"
)

func job(n int) *store.Job {
	return &store.Job{
		ID: id(int64(n)), Kind: store.Replay, To: "archive", Rate: 50, By: "anna", State: store.JobWaiting, Created: start,
		Filter:   store.Filter{IDs: []string{id(1)}, Source: "shop", Type: "order.*", Route: "billing", State: store.Dead, Reason: "timeout", ProviderID: "p1", From: start, To: start.Add(time.Hour)},
		Progress: store.Progress{Total: store.Uncounted},
	}
}

func TestAJobIsKeptWithAllThatIsSaidOfIt(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		added := job(1)
		require.NoError(t, b.AddJob(b.ctx, added, store.Audit{By: "anna", Action: "replay", Target: added.ID}))
		got, err := b.Job(b.ctx, added.ID)
		require.NoError(t, err)
		require.Equal(t, added, got)
		_, err = b.Job(b.ctx, id(2))
		require.ErrorIs(t, err, store.ErrNotFound)
		require.Error(t, b.AddJob(b.ctx, added, store.Audit{}), "the id is taken")
	})
}

func TestTheProgressOfAJobIsSavedUntilItEnds(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		require.NoError(t, b.AddJob(b.ctx, job(1), store.Audit{}))
		p := store.Progress{Position: "half", Total: 10, Done: 4, Skipped: 1, Trouble: store.NotConfirmed}
		require.NoError(t, b.SaveJob(b.ctx, id(1), p))
		got, err := b.Job(b.ctx, id(1))
		require.NoError(t, err)
		require.Equal(t, p, got.Progress)
		require.Equal(t, store.JobRunning, got.State)

		require.NoError(t, b.EndJob(b.ctx, id(1), store.JobCancelled, store.Audit{Action: "cancel", Target: id(1)}))
		require.ErrorIs(t, b.EndJob(b.ctx, id(1), store.JobDone, store.Audit{Action: "too late"}), store.ErrEnded)
		require.ErrorIs(t, b.EndJob(b.ctx, id(9), store.JobDone, store.Audit{}), store.ErrNotFound)
		p.Done = 5
		require.ErrorIs(t, b.SaveJob(b.ctx, id(1), p), store.ErrEnded)
		got, err = b.Job(b.ctx, id(1))
		require.NoError(t, err)
		require.Equal(t, store.JobCancelled, got.State)
		require.False(t, got.Ended.IsZero())
		require.Equal(t, int64(5), got.Done, "what was done meanwhile counts")

		audits, err := b.Audits(b.ctx, 0, 10)
		require.NoError(t, err)
		require.Len(t, audits, 2, "what failed left no entry")
	})
}

func TestJobsAreListedNewestFirstAndOpenOnesOldestFirst(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		for n := range 5 {
			require.NoError(t, b.AddJob(b.ctx, job(n), store.Audit{}))
		}
		require.NoError(t, b.EndJob(b.ctx, id(1), store.JobDone, store.Audit{}))
		require.NoError(t, b.SaveJob(b.ctx, id(2), store.Progress{}))
		open, err := b.OpenJobs(b.ctx, 3)
		require.NoError(t, err)
		require.Equal(t, []string{id(0), id(2), id(3)}, ids(open))
		first, err := b.Jobs(b.ctx, "", 2)
		require.NoError(t, err)
		require.Equal(t, []string{id(4), id(3)}, ids(first))
		rest, err := b.Jobs(b.ctx, id(3), 10)
		require.NoError(t, err)
		require.Equal(t, []string{id(2), id(1), id(0)}, ids(rest))
	})
}

func ids(jobs []store.Job) []string {
	out := make([]string, len(jobs))
	for i := range jobs {
		out[i] = jobs[i].ID
	}
	return out
}

func TestTheAuditIsReadBackwards(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		for n := range 3 {
			note := store.Audit{By: "anna", Action: "pause", Target: strconv.Itoa(n), Detail: "why", Count: int64(n), At: start}
			require.NoError(t, b.SetPause(b.ctx, store.Pause{Of: store.OfDestination, Name: strconv.Itoa(n), Paused: true, By: "anna", At: start}, note))
		}
		newest, err := b.Audits(b.ctx, 0, 2)
		require.NoError(t, err)
		require.Len(t, newest, 2)
		require.Equal(t, "2", newest[0].Target)
		require.Equal(t, start, newest[0].At)
		rest, err := b.Audits(b.ctx, newest[1].ID, 2)
		require.NoError(t, err)
		require.Len(t, rest, 1)
		require.Equal(t, store.Audit{ID: rest[0].ID, At: start, By: "anna", Action: "pause", Target: "0", Detail: "why"}, rest[0])
	})
}

func TestPausesGrowTheirRevisionEvenWithinAMillisecond(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		none, err := b.Pauses(b.ctx)
		require.NoError(t, err)
		require.Zero(t, none.Revision)
		pause := func(of, name string, paused bool) int64 {
			require.NoError(t, b.SetPause(b.ctx, store.Pause{Of: of, Name: name, Paused: paused, By: "anna", At: start}, store.Audit{}))
			all, err := b.Pauses(b.ctx)
			require.NoError(t, err)
			return all.Revision
		}
		first, second, third := pause(store.OfDestination, "crm", true), pause(store.OfRoute, "crm", true), pause(store.OfDestination, "crm", false)
		require.Less(t, first, second)
		require.Less(t, second, third)
		all, err := b.Pauses(b.ctx)
		require.NoError(t, err)
		require.True(t, all.Routes["crm"].Paused)
		require.False(t, all.Destinations["crm"].Paused)
		require.Equal(t, "anna", all.Routes["crm"].By)
	})
}
