//go:build load

package share_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"
)

// perSecond is the rate that all share in the measurement.
const perSecond = 1000

// user uses the rate that its deliverer gives it, as fast as it may.
type user struct {
	*deliverer
	limiter *rate.Limiter
	stop    context.CancelFunc
	done    sync.WaitGroup
}

func (i *installation) startUser(used *atomic.Int64) *user {
	ctx, cancel := context.WithCancel(context.Background())
	u := &user{deliverer: i.start(), limiter: rate.NewLimiter(0, 0), stop: cancel}
	u.done.Go(func() {
		for ctx.Err() == nil {
			part := u.now().Rate
			u.limiter.SetLimit(rate.Limit(part * perSecond))
			u.limiter.SetBurst(max(1, int(part*perSecond/10)))
			if part == 0 || u.limiter.Wait(ctx) != nil {
				time.Sleep(10 * time.Millisecond)
				continue
			}
			used.Add(1)
		}
	})
	return u
}

func (u *user) end(kill bool) {
	u.stop()
	u.done.Wait()
	if kill {
		u.kill()
	} else {
		u.deliverer.stop()
	}
}

// Deliverers come, go and are killed every few seconds. In every ten seconds they use what they
// may, within five percent.
func TestLoadSharedRate(t *testing.T) {
	for _, most := range []int{1, 5, 20} {
		var used atomic.Int64
		i := setup(t)
		users := []*user{i.startUser(&used)}
		for range most - 1 {
			users = append(users, i.startUser(&used))
		}
		rest := max(most/2, 1)
		require.Eventually(t, func() bool { return users[0].now().Rate > 0 }, waitFor, 10*time.Millisecond)
		time.Sleep(2 * time.Second)
		for window := range 6 {
			before := used.Load()
			began := time.Now()
			for time.Since(began) < 10*time.Second {
				time.Sleep(5 * time.Second)
				if most == 1 {
					continue
				}
				if n := rand.N(len(users)); len(users) > rest && rand.N(2) == 0 {
					users[n].end(rand.N(2) == 0)
					users = append(users[:n], users[n+1:]...)
				} else if len(users) < most {
					users = append(users, i.startUser(&used))
				}
			}
			got := float64(used.Load()-before) / time.Since(began).Seconds() / perSecond
			t.Logf("%d deliverers at most, window %d: %.3f of the rate with %d", most, window, got, len(users))
			require.InDelta(t, 1, got, 0.05)
		}
		for _, u := range users {
			u.end(false)
		}
	}
}
