package consume

import (
	"context"
	"slices"
	"time"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
)

// Bounds of what a partition holds.
const (
	mostParked      = 1000     // events in the parked queue: as many are held
	mostParkedBytes = 16 << 20 // likewise, together, and less in a process with little memory
	leastWindow     = 16       // events from the partition's own queue
	mostWindow      = 256
	spare           = 8 // deliveries that are signals
	greetEvery      = 30 * time.Second
)

// mostSilent is how many signals may go by without a delivery until the queue is opened again.
// The process may not be the active one; or the queue was deleted and made again at once, and
// the broker has forgotten who consumed it.
const mostSilent = 4

// partition is one partition of an ordered route, as one process sees it.
type partition struct {
	route  *Route
	number int
	queue  string // of its own
	parked string // of those that wait
	work   opener
	waits  opener
}

func newPartition(r *Route, number int, work, waits opener) *partition {
	worker := *r
	worker.options.Filter = nil // the sequencer asked it
	return &partition{
		route: &worker, number: number, work: work, waits: waits,
		queue:  topology.PartitionQueue(r.options.Route, number),
		parked: topology.ParkedQueue(r.options.Route, number),
	}
}

// window is how many events of the partition's own queue are held: enough to find as many
// keys as may be attempted at once.
func (p *partition) window() int {
	most := min(max(4*p.route.options.Concurrency/p.route.options.Partitions, leastWindow), mostWindow)
	largest, known := p.route.sizes.most()
	if !known {
		return most
	}
	return p.route.memory.window(largest*int64(p.route.options.Partitions), most)
}

// mostBytes is how many bytes of parked events are held.
func (p *partition) mostBytes() int {
	return int(min(mostParkedBytes, p.route.memory.limit/routeShare/int64(p.route.options.Partitions)))
}

// session works the partition, if this process is the active one, until ctx ends, its time
// is up, or something fails. It goes through three stages:
//
//   - It waits. A signal of its own, or an event, from the partition's queue tells that
//     this process is the active one.
//   - It consumes the parked queue, too, and loads what is there. A signal that comes back
//     tells that it is active there as well, and a second one, published after that, that
//     it has seen all that its predecessor parked.
//   - It works. Only now it knows which keys are parked.
//
// In the end attempts finish, and then both queues take everything back.
func (p *partition) session(ctx context.Context) error {
	work, err := p.work(ctx, p.window()+spare)
	if err != nil {
		return err
	}
	defer work.Close()
	s := newStint(ctx, p)
	defer s.close()
	age, greet, look := time.NewTimer(lifetime()), time.NewTicker(greetEvery), time.NewTicker(heldEvery)
	defer age.Stop()
	defer greet.Stop()
	defer look.Stop()
	s.greet()
	for silent := 0; s.err == nil && silent < mostSilent; {
		select {
		case <-ctx.Done():
			return nil
		case <-age.C:
			return nil
		case <-greet.C:
			silent++
			s.greet()
		case now := <-look.C:
			s.see(now, false)
			s.stepDropped()
		case f := <-s.tasks.posted:
			f()
		case j, ok := <-work.Jobs():
			silent = 0
			s.fromWork(ctx, j, ok)
		case j, ok := <-s.waiting():
			s.fromParked(j, ok)
		}
	}
	return s.err
}

// stint is the state of one session.
type stint struct {
	*partition
	id    string
	tasks *tasks
	lanes map[string]*lane
	err   error // ends the session

	waits  feed   // nil until the process is active
	stage  int    // how many signals came back through the parked queue, of two
	token  *job   // the newest signal from the partition's own queue
	signal string // that is awaited from the parked queue

	place int64 // the newest of the parked ones
	count int   // of the parked ones
	bytes int
	full  bool
}

// loaded is the stage in which the stint works.
const loaded = 2

func newStint(ctx context.Context, p *partition) *stint {
	return &stint{partition: p, id: event.NewID(), tasks: newTasks(ctx), lanes: map[string]*lane{}}
}

// close ends what the stint has begun.
func (s *stint) close() {
	s.tasks.end(s.route.options.DrainTimeout)
	s.see(time.Now(), true)
	for _, l := range s.lanes {
		l.stop()
	}
	if s.waits != nil {
		s.waits.Close()
		s.route.metrics.ordered.active(s.tasks.ctx, -1)
	}
	s.route.metrics.ordered.hold(s.tasks.ctx, -s.count)
	if s.full {
		s.route.metrics.ordered.fill(s.tasks.ctx, false)
	}
}

// fail ends the session.
func (s *stint) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

// see notes what the stint has in its hands, for the ledger: an event that waits behind a
// failing one of its key does so for as long as that fails. One that is on its way into the
// parked queue is seen when it has come from there, for it may never come.
func (s *stint) see(now time.Time, back bool) {
	for _, l := range s.lanes {
		head := l.head()
		for _, i := range slices.Concat(l.parked, l.fresh) {
			if i.job == nil {
				continue
			}
			record := i.record
			if i != head {
				record.Error = "it waits behind event " + head.record.Event + ", which has the same ordering key"
			}
			s.route.held.see(record, now, back)
		}
	}
}

func (s *stint) waiting() <-chan job {
	if s.waits == nil {
		return nil
	}
	return s.waits.Jobs()
}
