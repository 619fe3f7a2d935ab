package ledger

import (
	"context"
	"sync"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
)

// quietTime is how long to wait for another message.
const quietTime = 2 * time.Second

// Queues looks through queues and leaves everything where it is: what it has looked at
// goes back when it is done. That counts as a return, except in a queue of dead letters.
type Queues struct{ Consumer *amqpx.Consumer }

// Look returns up to so many messages of a queue, without their bodies.
func (q *Queues) Look(ctx context.Context, queue string, most int) ([]Letter, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	quiet := time.AfterFunc(quietTime, cancel)
	defer quiet.Stop()
	var mu sync.Mutex
	var letters []Letter
	err := q.Consumer.Subscribe(amqpx.Subscription{
		Queue: queue, Prefetch: most, Ordered: true, Drain: time.Second,
		Handle: func(_ context.Context, d *amqpx.Delivery) { // it stays unsettled, and goes back
			mu.Lock()
			defer mu.Unlock()
			quiet.Reset(quietTime)
			m := *d.Message
			m.Body = nil
			if letters = append(letters, Letter{&m, d.Death}); len(letters) >= most {
				cancel()
			}
		},
	}).Run(ctx)
	mu.Lock()
	defer mu.Unlock()
	return letters, err
}
