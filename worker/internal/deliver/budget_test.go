package deliver_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/worker/internal/deliver"
)

// attempts makes n attempts, of which every k-th fails, and returns how many were let.
func attempts(b *deliver.Budget, now time.Time, n, k int, retry bool) (let int) {
	for i := range n {
		if end, ok := b.Begin(now, retry); ok {
			end(now, k > 0 && i%k == 0)
			let++
		}
	}
	return let
}

func TestRetriesAreAFifthOfTheTrafficOfAFailingDestination(t *testing.T) {
	t.Parallel()
	var b deliver.Budget
	now := time.Now()
	require.Equal(t, 4000, attempts(&b, now, 4000, 4, false))
	require.Equal(t, 1000, attempts(&b, now, 5000, 4, true), "a fifth of 5,000")
	require.Equal(t, 10, attempts(&b, now, 10, 1, false), "a first attempt is never refused")
}

func TestRetriesAreNotHeldBackFromADestinationThatIsWell(t *testing.T) {
	t.Parallel()
	var b deliver.Budget
	now := time.Now()
	require.Equal(t, 100, attempts(&b, now, 100, 20, false))
	require.Equal(t, 5000, attempts(&b, now, 5000, 20, true))
}

func TestSomeRetriesAreAlwaysLetThrough(t *testing.T) {
	t.Parallel()
	var b deliver.Budget
	now := time.Now()
	require.Equal(t, 100, attempts(&b, now, 1000, 1, true), "ten a second of the window")
	require.Zero(t, attempts(&b, now.Add(9*time.Second), 1, 1, true))
	require.Equal(t, 100, attempts(&b, now.Add(10*time.Second), 1000, 1, true))
}

func TestWhatWasNotTriedDoesNotCount(t *testing.T) {
	t.Parallel()
	var b deliver.Budget
	now := time.Now()
	for range 1000 {
		b.Withdrawn(now, true)
	}
	require.Equal(t, 100, attempts(&b, now, 1000, 1, true))
}

func TestTheShareHoldsWhateverHappens(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var b deliver.Budget
		made := map[int]counts{}
		start := time.Unix(1_800_000_000, 0)
		second := 0
		for range rapid.IntRange(1, 20).Draw(t, "bursts") {
			second += rapid.IntRange(0, 4).Draw(t, "seconds until the burst")
			retry, failed := rapid.Bool().Draw(t, "retries"), rapid.Bool().Draw(t, "failing")
			for range rapid.IntRange(1, 300).Draw(t, "size") {
				now := start.Add(time.Duration(second) * time.Second)
				var before counts
				for s := second - 9; s <= second; s++ {
					before.add(made[s])
				}
				failing := float64(before.failures) >= 0.1*float64(before.all)
				beyond := before.retries+1 > max(100, (before.all+1)/5)
				end, ok := b.Begin(now, retry)
				require.Equal(t, !retry || !failing || !beyond, ok)
				if ok {
					end(now, failed)
					one := made[second]
					one.add(counts{1, count(retry), count(failed)})
					made[second] = one
				}
			}
		}
	})
}

// counts is what a model of the budget knows of a second.
type counts struct{ all, retries, failures int }

func (c *counts) add(other counts) {
	c.all += other.all
	c.retries += other.retries
	c.failures += other.failures
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

func TestARetryBeyondTheBudgetIsPostponedUntried(t *testing.T) {
	t.Parallel()
	requests := make(chan struct{}, 1000)
	d := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		requests <- struct{}{}
		if r.Header.Get("X-Fails") != "" {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	again, fails := sample(), sample()
	fails.Request.Header[1].Name = "X-Fails"
	for i := range 100 { // three of ten fail: failing, and the breaker stays closed
		e := *again
		if i%10 > 6 {
			e = *fails
		}
		e.Attempt = 2
		err := handle(t, d, &e)
		require.NotErrorIs(t, err, consume.ErrPostpone)
		require.Contains(t, []fault.Reason{fault.ReasonNone, fault.ReasonServerError}, fault.ReasonOf(err))
	}
	require.ErrorIs(t, handle(t, d, again), consume.ErrPostpone)
	first := *again
	first.Attempt = 1
	require.NoError(t, handle(t, d, &first))
	require.Len(t, requests, 101)
}
