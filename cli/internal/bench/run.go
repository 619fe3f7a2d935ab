package bench

import (
	"context"
	"sync"
	"time"

	"github.com/penstock/penstock/cli/internal/outgoing"
)

// Next makes a request to send. It is called from several goroutines.
type Next func() (outgoing.Request, error)

// often is how often progress is told.
const often = 200 * time.Millisecond

// Run sends requests and returns what came of them. Progress, which may be nil, is told
// now and then how many were answered, and how many there will be, if that is known.
// The error is that of Options.Validate, or of next; that ctx is done is none.
func Run(ctx context.Context, o Options, next Next, progress func(done, all int64)) (*Result, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	r := &run{options: o, next: next, client: newClient(o), tickets: make(chan time.Time), tally: newTally()}
	defer r.client.CloseIdleConnections()
	start := time.Now()
	sending, stop := context.WithDeadline(ctx, start.Add(o.Duration))
	defer stop()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		var both sync.WaitGroup
		both.Go(func() { r.issue(sending, start) })
		both.Go(func() { r.work(ctx, stop) })
		both.Wait()
	}()
	r.watch(ended, progress)
	return r.tally.result(time.Since(start)), r.failure
}

// run is one run.
type run struct {
	options Options
	next    Next
	client  *client
	tickets chan time.Time // each lets one request go; it holds when it should
	tally   *tally

	once    sync.Once
	failure error // of next
}

// issue gives out tickets, each at its time, until the run is over.
func (r *run) issue(ctx context.Context, start time.Time) {
	defer close(r.tickets)
	for n := range r.options.limit() {
		due := time.Now()
		if r.options.Rate > 0 {
			due = start.Add(time.Duration(float64(n) / r.options.Rate * float64(time.Second)))
			if !sleepUntil(ctx, due) {
				return
			}
		}
		select {
		case r.tickets <- due:
		case <-ctx.Done():
			return
		}
	}
}

func sleepUntil(ctx context.Context, due time.Time) bool {
	wait := time.Until(due)
	if wait <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// work sends until there are no more tickets. A request that is under way when the time
// is over may end.
func (r *run) work(ctx context.Context, stop context.CancelFunc) {
	var all sync.WaitGroup
	for range r.options.Connections {
		all.Go(func() {
			if err := r.connection(ctx); err != nil {
				r.once.Do(func() { r.failure = err })
				stop()
			}
		})
	}
	all.Wait()
	stop()
}

// connection sends one request after the other. Each is made before its ticket comes.
func (r *run) connection(ctx context.Context) error {
	for {
		request, err := r.next()
		if err != nil {
			return err
		}
		due, more := <-r.tickets
		if !more {
			return nil
		}
		if r.options.Rate == 0 {
			due = time.Now()
		}
		status := r.client.send(ctx, request)
		r.tally.add(status, time.Since(due), len(request.Body))
	}
}

// watch tells progress until the run has ended.
func (r *run) watch(ended <-chan struct{}, progress func(done, all int64)) {
	tick := time.NewTicker(often)
	defer tick.Stop()
	all := int64(0)
	if r.options.Rate > 0 || r.options.Count > 0 {
		all = int64(r.options.limit())
	}
	for {
		select {
		case <-ended:
			return
		case <-tick.C:
			if progress != nil {
				progress(r.tally.count(), all)
			}
		}
	}
}
