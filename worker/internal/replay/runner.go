package replay

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/control"
	"github.com/penstock/penstock/worker/internal/store"
)

// How many jobs are worked on at a time, and how often to look for new ones when nobody
// calls.
const (
	mostJobs  = 16
	lookEvery = time.Second
)

// Publisher publishes what is replayed. *amqpx.Publisher is one.
type Publisher interface {
	// Publish returns nil only when the broker confirmed the message and a queue took it.
	Publish(ctx context.Context, p amqpx.Publication) error
}

// Recorder takes the records of what was done. *status.Emitter is one.
type Recorder interface {
	// Emit returns nil only when the broker confirmed the records.
	Emit(ctx context.Context, records ...status.Record) error
}

// Commander tells the deliverers what people want. *control.Commander does.
type Commander interface {
	// Send sends all of that, and returns its revision.
	Send(ctx context.Context) (revision int64, err error)
}

// Fleet knows what deliverers report. *control.Fleet does.
type Fleet interface {
	// CatchUp waits until it has read all that was reported before.
	CatchUp(ctx context.Context, p control.Publisher) error
	Reports() []control.Report
}

// Options are what a runner works with. All must be set.
type Options struct {
	Store     *store.Store
	Archive   bool                  // whether there is one
	Consumer  *amqpx.Consumer       // reads the dead letters and the archive
	Publisher Publisher             // publishes what is replayed
	Recorder  Recorder              // tells what was done
	Config    func() *config.Config // the one in force
	Commander Commander             // tells deliverers which events are withheld and dropped
	Fleet     Fleet                 // what deliverers report
	Window    int                   // deliveries that one channel of a sweep holds; 0: DefaultWindow
	Log       *zap.Logger
}

// DefaultWindow is how many dead letters one channel of a sweep holds. Past it the sweep
// opens another one. As many wait in memory, with their bodies.
const DefaultWindow = 1000

// Runner works on jobs. It is safe for concurrent use.
type Runner struct {
	Options

	archive *archive
	queues  *turns
	called  chan struct{}

	mu      sync.Mutex
	running map[string]struct{} // by the job's id
}

// New makes a runner. Run starts it.
func New(o Options) *Runner {
	if o.Window == 0 {
		o.Window = DefaultWindow
	}
	return &Runner{
		Options: o, archive: &archive{o.Consumer}, queues: newTurns(),
		called: make(chan struct{}, 1), running: map[string]struct{}{},
	}
}

// Call makes the runner look for jobs at once. It never blocks.
func (r *Runner) Call() {
	select {
	case r.called <- struct{}{}:
	default:
	}
}

// Run works on the jobs of the store until ctx is done, and then finishes what it has
// begun with single deliveries, within seconds. It must not run in two processes at a
// time for long: nothing would be lost, but events delivered twice.
func (r *Runner) Run(ctx context.Context) {
	var working sync.WaitGroup
	defer working.Wait()
	ticks := time.NewTicker(lookEvery)
	defer ticks.Stop()
	for {
		jobs, err := r.Store.OpenJobs(ctx, mostJobs)
		if err != nil && ctx.Err() == nil {
			r.Log.Warn("cannot look for jobs; trying again", zap.Error(err))
		}
		for i := range jobs {
			if job := &jobs[i]; r.take(job.ID) {
				working.Go(func() { defer r.drop(job.ID); r.work(ctx, job) })
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-r.called:
		case <-ticks.C:
		}
	}
}

func (r *Runner) work(ctx context.Context, job *store.Job) {
	w := newWork(r, job)
	err := w.run(ctx)
	switch {
	case errors.Is(err, store.ErrEnded), ctx.Err() != nil: // a person, or another tracker, has the last word
	case err != nil:
		w.log.Warn("the job cannot go on now; trying again", zap.Error(err))
	}
}

// take reports whether the job is not being worked on yet.
func (r *Runner) take(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, taken := r.running[id]
	r.running[id] = struct{}{}
	return !taken
}

func (r *Runner) drop(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.running, id)
}
