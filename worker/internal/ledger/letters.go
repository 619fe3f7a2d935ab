package ledger

import (
	"context"
	"sync"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
)

// lettersQuiet is how long to wait for another dead letter.
const lettersQuiet = 2 * time.Second

// DeadQueues looks through queues of dead letters and leaves everything where it is: what
// it has looked at goes back when it is done. These queues count no returns.
type DeadQueues struct{ Consumer *amqpx.Consumer }

// Look returns those of up to so many dead letters of a route that the broker made by
// itself.
func (q *DeadQueues) Look(ctx context.Context, route string, most int) ([]Letter, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	quiet := time.AfterFunc(lettersQuiet, cancel)
	defer quiet.Stop()
	var mu sync.Mutex
	var letters []Letter
	seen := 0
	err := q.Consumer.Subscribe(amqpx.Subscription{
		Queue: topology.DeadQueue(route), Prefetch: most, Ordered: true, Drain: time.Second,
		Handle: func(_ context.Context, d *amqpx.Delivery) { // it stays unsettled, and goes back
			mu.Lock()
			defer mu.Unlock()
			quiet.Reset(lettersQuiet)
			if byBroker(d) {
				m := *d.Message
				m.Body = nil
				letters = append(letters, Letter{&m, d.Death})
			}
			if seen++; seen >= most {
				cancel()
			}
		},
	}).Run(ctx)
	mu.Lock()
	defer mu.Unlock()
	return letters, err
}

// byBroker tells the broker's letters from a worker's, which says why.
func byBroker(d *amqpx.Delivery) bool {
	return d.Death != "" && d.Message.ID != "" && d.Message.Text(event.HeaderReason) == ""
}
