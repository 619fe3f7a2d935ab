package deliver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.opentelemetry.io/otel/propagation"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/header"
	"github.com/penstock/penstock/pkg/topology"
)

// exchangeClose is how long closing waits for confirms.
const exchangeClose = 5 * time.Second

// exchange publishes events to an exchange of the broker, in the format in which
// they travel (package event). An event is delivered when the broker has confirmed
// it and a queue has it.
//
// It has a connection of its own: publishing to an exchange that is not there
// costs the channel, and nobody else shall lose theirs by it.
type exchange struct {
	config    *config.Destination
	senders   map[string]Sender
	publisher *amqpx.Publisher
	spans     spanner
}

func newExchange(d *config.Destination, o Options) *exchange {
	broker := o.Broker
	broker.Name += "-" + d.Name
	return &exchange{d, o.Senders, amqpx.NewPublisher(broker, amqpx.PublisherOptions{Connections: 1}, o.Log), publishes(d)}
}

func (x *exchange) close() {
	ctx, cancel := context.WithTimeout(context.Background(), exchangeClose)
	defer cancel()
	_ = x.publisher.Close(ctx) // what is without a confirm was reported to who waits for it
}

func (x *exchange) send(ctx context.Context, e *event.Event) (err error) {
	ctx, span := x.spans.begin(ctx, e)
	defer func() { end(span, err) }()
	m, err := event.Encode(x.outward(ctx, e))
	if err != nil {
		return fault.Because(fault.ReasonInternal, fmt.Errorf("encode the event: %w", err))
	}
	key := x.config.RoutingKey
	if key == "" {
		key = topology.EventKey(e.Source, e.Type)
	}
	began := time.Now()
	err = x.publisher.Publish(ctx, amqpx.Publication{Exchange: x.config.Exchange, Key: key, Message: m})
	consume.Answered(ctx, consume.Answer{Took: time.Since(began)})
	return published(err)
}

// published is the table of what may come of a publish.
func published(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, amqpx.ErrReturned):
		return fault.Because(fault.ReasonUnroutable, err)
	case errors.Is(err, amqpx.ErrNacked): // a full queue
		return fault.Because(fault.ReasonThrottled, err)
	case errors.Is(err, amqpx.ErrUnavailable): // nothing was sent
		return fmt.Errorf("%w: %w", consume.ErrHandBack, err)
	case errors.Is(err, amqpx.ErrInvalid):
		return fault.Permanent(fault.Because(fault.ReasonInternal, err))
	case errors.Is(err, context.DeadlineExceeded):
		return fault.Because(fault.ReasonTimeout, err)
	default:
		return fault.Because(fault.ReasonConnection, err)
	}
}

// outward is the event without what is not the receiver's business: the credentials
// of the source, which may be in the query too.
func (x *exchange) outward(ctx context.Context, e *event.Event) *event.Event {
	out := *e
	credentials := x.senders[e.Source].Credentials
	out.Request.Query = ""
	out.Request.Header = slices.DeleteFunc(slices.Clone(e.Request.Header), func(f event.Field) bool {
		return slices.Contains([]string{"Authorization", "Proxy-Authorization"}, header.Fold(f.Name)) || credentials.HasHeader(f.Name)
	})
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	if parent := carrier[event.HeaderTrace]; parent != "" {
		out.Trace = event.Trace{Parent: parent, State: carrier[event.HeaderTraceState]}
	}
	return &out
}
