package app

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/filter"
	"github.com/penstock/penstock/pkg/ordering"
	"github.com/penstock/penstock/pkg/retry"
	"github.com/penstock/penstock/pkg/transform"
	"github.com/penstock/penstock/worker/internal/deliver"
	"github.com/penstock/penstock/worker/internal/tombstone"
)

// launcher starts routes on the connections that they share.
type launcher struct {
	broker    amqpx.Config
	publisher consume.Publisher
	recorder  consume.Recorder
	returns   consume.Returns
	stones    *tombstone.Set
	consumer  *amqpx.Consumer
	drain     time.Duration
	meter     metric.Meter
	tracer    trace.Tracer
	log       *zap.Logger
}

// start consumes the route, while pause is open, until the ship's cancel is called and what it had
// begun has finished. The end of ctx does not end that.
func (l launcher) start(ctx context.Context, r *config.Route, to *port, pause *consume.Gate) (*ship, error) {
	match, err := matcher(r.Filter)
	if err != nil {
		return nil, err
	}
	change, err := transformer(r.Transform)
	if err != nil {
		return nil, err
	}
	key, err := keyer(r.Ordering)
	if err != nil {
		return nil, err
	}
	route, err := consume.New(consume.Options{
		Route:          r.Name,
		Handler:        to,
		Filter:         match,
		Transform:      change,
		Key:            key,
		Partitions:     r.Partitions(),
		Retry:          policy(r.Retry),
		RetryPermanent: r.OnPermanent == config.TryAgain,
		Delay:          time.Duration(r.Delay),
		Concurrency:    to.Prefetch(),
		DrainTimeout:   l.drain,
		Gate:           to.Gate(),
		Pause:          pause,
		Recorder:       l.recorder,
		Returns:        l.returns,
		Tombstones:     l.stones,
		Log:            l.log,
		Meter:          l.meter,
		Tracer:         l.tracer,
	}, l.publisher)
	if err != nil {
		return nil, err
	}
	to.hold()
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s := &ship{config: r, to: to, pause: pause, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(s.done)
		if err := route.Run(ctx, l.consumer); err != nil {
			l.log.Error("route ended", zap.String("route", r.Name), zap.Error(err))
		}
	}()
	l.log.Info("route starts", zap.String("route", r.Name), zap.String("destination", r.To))
	return s, nil
}

// destination makes what d describes, for the events of the sources.
func (l launcher) destination(d *config.Destination, sources map[string]*config.Source) (*deliver.Destination, error) {
	senders, err := sendersTo(d, sources)
	if err != nil {
		return nil, err
	}
	return deliver.New(d, deliver.Options{Senders: senders, Broker: l.broker, Log: l.log, Meter: l.meter})
}

func matcher(expr string) (consume.Filter, error) {
	if expr == "" {
		return nil, nil //nolint:nilnil // no filter takes every event
	}
	f, err := filter.Compile(expr)
	if err != nil {
		return nil, err
	}
	return f.Match, nil
}

func transformer(program config.Transform) (consume.Transform, error) {
	if program.IsZero() {
		return nil, nil //nolint:nilnil // no transformation delivers bodies as they are
	}
	compile, text := transform.Compile, program.JQ
	if program.CEL != "" {
		compile, text = transform.CompileCEL, program.CEL
	}
	t, err := compile(text)
	if err != nil {
		return nil, err
	}
	return t.Apply, nil
}

func keyer(o *config.Ordering) (consume.Keyer, error) {
	if o == nil {
		return nil, nil //nolint:nilnil // no ordering delivers events side by side
	}
	k, err := ordering.Compile(o.Key)
	if err != nil {
		return nil, err
	}
	return k.Of, nil
}

func policy(r config.Retry) retry.Policy {
	return retry.Policy{
		Initial:     time.Duration(r.Initial),
		Factor:      r.Factor,
		Jitter:      r.Jitter,
		Max:         time.Duration(r.Max),
		Schedule:    durations(r.Schedule),
		MaxAttempts: r.MaxAttempts,
		MaxAge:      time.Duration(r.MaxAge),
		On:          r.RetryOn,
	}
}

func durations(list []config.Duration) []time.Duration {
	out := make([]time.Duration, len(list))
	for i, d := range list {
		out[i] = time.Duration(d)
	}
	return out
}
