package consume

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/ordering"
	"github.com/penstock/penstock/pkg/retry"
)

// The defaults of Options.
const (
	DefaultConcurrency  = 16
	DefaultDrainTimeout = 25 * time.Second
)

// Options say which route to consume, and how. Route and Handler must be set.
type Options struct {
	Route   string  // the route's name in the configuration
	Handler Handler // what to do with its events

	Filter         Filter        // which events to handle; nil: all. An error makes a dead letter
	Transform      Transform     // changes what the handler gets; nil: nothing. An error makes a dead letter
	Retry          retry.Policy  // the zero Policy is retry.Default()
	RetryPermanent bool          // treat permanent failures like any other; Retry.On decides about HTTP statuses if it has any
	Delay          time.Duration // before the first attempt, counted from the acceptance of the event; a replay begins at once
	Concurrency    int           // calls of the handler at once; 0: DefaultConcurrency
	Timeout        time.Duration // of one call; 0: none
	DrainTimeout   time.Duration // for running calls after a stop; 0: DefaultDrainTimeout
	Key            Keyer         // orders the events with the same key, over Partitions; nil: no order. An error makes a dead letter
	Partitions     int           // how many an ordered route has, as in its configuration; 0: it is not ordered
	Gate           *Gate         // pauses the consumption of all routes to the destination; nil: never
	Pause          *Gate         // pauses this route alone; nil: never
	Tombstones     Tombstones    // say which waiting events are not attempted any more; nil: none
	Returns        Returns       // brings events back after a delay; nil: Run has its own, with a Route from New another process does
	Recorder       Recorder      // gets what became of each event; nil: Run records to penstock.status, a Route from New nothing

	Memory *Memory      // bounds what the process holds; nil: one that all routes of the process share, by its memory limit
	Log    *zap.Logger  // nil: no log
	Meter  metric.Meter // nil: no metrics
	Tracer trace.Tracer // nil: no spans; a trace context that arrives still reaches the handler
}

// Filter decides whether a route takes an event. A *filter.Filter has one. An error that
// wraps ctx's own, because that ended while it waited, decides nothing.
type Filter func(ctx context.Context, e *event.Event) (bool, error)

// Returns is what brings the events of a process back to the queues of their routes. A
// *returns.Mover is one.
type Returns interface {
	// Settle waits until the event that it brought to a queue will not come a second time,
	// whatever ends the process after that. Its error says that this is not known.
	Settle(ctx context.Context, queue, event string) error
}

// Keyer returns an event's key. A *ordering.Keyer has one. An error that wraps ctx's own
// decides nothing, either.
type Keyer func(ctx context.Context, e *event.Event) (ordering.Key, error)

// Transform returns a changed copy of an event. What is kept of the event, and
// published again, stays as it was.
type Transform func(ctx context.Context, e *event.Event) (*event.Event, error)

func (o Options) withDefaults() Options {
	if o.Retry.IsZero() {
		o.Retry = retry.Default()
	}
	if o.Concurrency == 0 {
		o.Concurrency = DefaultConcurrency
	}
	if o.DrainTimeout == 0 {
		o.DrainTimeout = DefaultDrainTimeout
	}
	if o.Gate == nil {
		o.Gate = new(Gate)
	}
	if o.Pause == nil {
		o.Pause = new(Gate)
	}
	if o.Recorder == nil {
		o.Recorder = unrecorded{}
	}
	if o.Tombstones == nil {
		o.Tombstones = noTombstones{}
	}
	if o.Memory == nil {
		o.Memory = processMemory()
	}
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	if o.Meter == nil {
		o.Meter = metricnoop.Meter{}
	}
	if o.Tracer == nil {
		o.Tracer = tracenoop.Tracer{}
	}
	return o
}

// Validate returns every problem of the options, joined, or nil.
func (o Options) Validate() error {
	var errs []error
	if o.Route == "" {
		errs = append(errs, errors.New("no route is named"))
	}
	if o.Handler == nil {
		errs = append(errs, errors.New("there is no handler"))
	}
	if o.Concurrency < 0 {
		errs = append(errs, fmt.Errorf("concurrency: %d is negative", o.Concurrency))
	}
	if (o.Key == nil) != (o.Partitions == 0) || o.Partitions < 0 || o.Partitions > ordering.MaxPartitions {
		errs = append(errs, fmt.Errorf("ordering: a key and 1 to %d partitions belong together", ordering.MaxPartitions))
	}
	if o.Timeout < 0 || o.DrainTimeout < 0 {
		errs = append(errs, errors.New("a timeout is negative"))
	}
	if o.Delay < 0 || o.Delay > retry.Longest {
		errs = append(errs, fmt.Errorf("delay: %s is not within 0s and %s", o.Delay, retry.Longest))
	}
	if !o.Retry.IsZero() {
		errs = append(errs, o.Retry.Validate())
	}
	return errors.Join(errs...)
}
