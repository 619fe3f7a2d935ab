package consume

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

var errFeedLost = errors.New("the connection to a queue is lost")

// tasks are what a session does beside its own loop. What a task has to tell the loop it
// posts as a function, which the loop calls: so everything but the tasks themselves
// happens in one goroutine.
type tasks struct {
	ctx     context.Context //nolint:containedctx // of the tasks: it outlives the session by the drain timeout
	giveUp  context.CancelFunc
	posted  chan func()
	over    chan struct{} // closed when the loop has ended: nothing is posted any more
	running sync.WaitGroup
}

func newTasks(ctx context.Context) *tasks {
	t := &tasks{posted: make(chan func()), over: make(chan struct{})}
	t.ctx, t.giveUp = context.WithCancel(context.WithoutCancel(ctx))
	return t
}

// start runs do, and then has the loop call then with what came of it.
func (t *tasks) start(do func(ctx context.Context) error, then func(error)) {
	t.running.Go(func() {
		err := do(t.ctx)
		t.post(func() { then(err) })
	})
}

// post has the loop call f, unless it has ended.
func (t *tasks) post(f func()) {
	select {
	case t.posted <- f:
	case <-t.over:
	}
}

// end waits for the tasks, which get so much time before their context ends.
func (t *tasks) end(drain time.Duration) {
	close(t.over)
	defer time.AfterFunc(drain, t.giveUp).Stop()
	t.running.Wait()
	t.giveUp()
}

// lifetime is how long one session lasts: not all end at once.
func lifetime() time.Duration {
	return sessionTime + time.Duration((rand.Float64()-0.5)*float64(sessionTime)/2) //nolint:gosec // nothing secret
}
