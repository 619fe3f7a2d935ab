package deliver

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
)

// mostPrefetch is the largest prefetch that quorum queues are made for.
const mostPrefetch = 2000

// longestPause is the longest that one answer's Retry-After stops a whole
// destination. The event that got the answer waits for all of it.
const longestPause = time.Hour

// Destination delivers events to one HTTP endpoint, or to one exchange. It is a
// consume.Handler, and safe for concurrent use by the routes that share it.
type Destination struct {
	config    *config.Destination
	sender    sender
	admission *admission
	breaker   *gobreaker.CircuitBreaker[struct{}]
	budget    budget
	inUse     atomic.Int64              // attempts under way
	broken    atomic.Pointer[time.Time] // when the breaker last opened that was closed
}

// sender makes attempts. Its errors are classified for the pipeline.
type sender interface {
	send(ctx context.Context, e *event.Event) error
	close()
}

// Options are what destinations need besides their own configuration.
type Options struct {
	Senders map[string]Sender // what is particular about the events of a source, by its name
	Broker  amqpx.Config      // where exchanges are
	Log     *zap.Logger       // what a connection to the broker tells
	Meter   metric.Meter      // nil: no metrics
}

// New makes the destination that d describes. It fails when a signing secret or the
// file of certificate authorities cannot be used. Close ends it.
func New(d *config.Destination, o Options) (*Destination, error) {
	s, err := newSender(d, o)
	if err != nil {
		return nil, fmt.Errorf("destination %s: %w", d.Name, err)
	}
	show, err := newStateMetric(d.Name, o.Meter)
	if err != nil {
		return nil, fmt.Errorf("destination %s: %w", d.Name, err)
	}
	out := &Destination{config: d, sender: s, admission: newAdmission(d)}
	out.breaker = newBreaker(d.Name, show, out.noteBreaker, out.admission.pause)
	return out, nil
}

func newSender(d *config.Destination, o Options) (sender, error) {
	if d.OverAMQP() {
		return newExchange(d, o), nil
	}
	endpoint, err := newEndpoint(d, o.Senders)
	if err != nil || d.Batch == nil {
		return endpoint, err
	}
	return newBatcher(endpoint, d.Concurrency), nil
}

// Gate is closed while the destination is paused.
func (d *Destination) Gate() *consume.Gate { return d.admission.gate }

// Close closes the destination's connections. It is for when no attempt is made any
// more.
func (d *Destination) Close() { d.sender.close() }

// Handle makes one attempt to deliver e. Its errors are classified for the
// pipeline; one that wraps consume.ErrHandBack or consume.ErrPostpone says that
// nothing was sent.
func (d *Destination) Handle(ctx context.Context, e *event.Event) error {
	counted, ok := d.budget.begin(time.Now(), e.Attempt > 1)
	if !ok {
		return fmt.Errorf("%w: the destination fails, and its retries are used up", consume.ErrPostpone)
	}
	err := d.try(ctx, e)
	switch {
	case errors.Is(err, consume.ErrHandBack):
		d.budget.withdraw(counted)
	case !healthy(err):
		d.budget.failed(time.Now())
	}
	return err
}

// try makes the attempt when it is its turn and the breaker lets it.
func (d *Destination) try(ctx context.Context, e *event.Event) error {
	t, err := d.admission.enter(ctx)
	if err != nil {
		return err
	}
	defer d.admission.leave(t)
	d.inUse.Add(1)
	defer d.inUse.Add(-1)
	_, err = d.breaker.Execute(func() (struct{}, error) { return struct{}{}, d.attempt(ctx, e) })
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		return handBack("the circuit breaker is open")
	}
	d.learn(t, err)
	return err
}

// learn draws conclusions from an attempt for those that follow.
func (d *Destination) learn(t turn, err error) {
	if wait, asked := fault.Wait(err); asked {
		d.admission.pause(time.Now().Add(min(wait, longestPause)))
		return
	}
	if !errors.Is(err, consume.ErrHandBack) {
		d.admission.ramp.ended(t.era, err == nil || fault.IsPermanent(err))
	}
}

func (d *Destination) attempt(ctx context.Context, e *event.Event) error {
	timed, cancel := context.WithTimeout(ctx, d.longest())
	defer cancel()
	err := d.sender.send(timed, e)
	if err != nil && ctx.Err() != nil { // the process stops: that says nothing about the destination
		return fmt.Errorf("%w: %w", consume.ErrHandBack, context.Cause(ctx))
	}
	return err
}

// longest is how long one attempt may take: in a batch an event also waits for others, and
// for two requests before its own at most.
func (d *Destination) longest() time.Duration {
	if b := d.config.Batch; b != nil {
		return time.Duration(b.Wait) + 3*time.Duration(d.config.Timeout)
	}
	return time.Duration(d.config.Timeout)
}

// Prefetch is how many events a route should hold for the destination: enough to
// keep it busy, and no more than a limited rate takes within seconds.
func (d *Destination) Prefetch() int {
	if d.config.RateLimit == nil {
		return min(d.config.Concurrency*perRequest(d.config), mostPrefetch)
	}
	soon := math.Ceil(d.config.RateLimit.PerSecond() * longestHold.Seconds() / 2)
	return int(min(float64(d.config.Concurrency*perRequest(d.config)), max(1, soon), mostPrefetch))
}
