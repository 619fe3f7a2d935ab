package quarantine

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"
	"golang.org/x/time/rate"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/instrument"
	"github.com/penstock/penstock/pkg/quarantine"
	"github.com/penstock/penstock/pkg/topology"
)

// What one source may write.
const (
	MaxBody           = 1 << 20 // of one request, in bytes
	requestsPerSecond = 10
	requestsAtOnce    = 100
	bytesPerSecond    = 256 << 10
	bytesAtOnce       = 4 << 20
)

// What may wait to be written.
const (
	waitingRequests = 256
	waitingBytes    = 8 << 20
	publishWithin   = 5 * time.Second
)

// Publisher puts a message into the broker.
type Publisher interface {
	Publish(ctx context.Context, p amqpx.Publication) error
}

// Options are what a quarantine works with. Nothing may be nil.
type Options struct {
	Publisher Publisher
	Meter     metric.Meter
	Log       *zap.Logger
}

// Quarantine writes requests, one after the other, in the background. It is safe for
// concurrent use.
type Quarantine struct {
	options   Options
	kept      metric.Int64Counter
	dropped   metric.Int64Counter
	sources   sync.Map // of *allowance, by the source's name
	waiting   chan refused
	bytes     atomic.Int64 // that wait
	failures  rate.Sometimes
	stop      context.CancelFunc
	ended     chan struct{}
	closeOnce sync.Once
}

// refused is a request that waits to be written.
type refused struct {
	event  *event.Event
	reason string
	size   int64
}

// allowance is what one source may write, and how it is counted.
type allowance struct {
	requests, bytes *rate.Limiter
	labels          instrument.Labels
}

// New starts a quarantine. Close ends it.
func New(o Options) (*Quarantine, error) {
	maker := instrument.From(o.Meter)
	ctx, stop := context.WithCancel(context.Background())
	q := &Quarantine{
		options:  o,
		kept:     maker.Counter("penstock.quarantined"),
		dropped:  maker.Counter("penstock.quarantine.dropped"),
		waiting:  make(chan refused, waitingRequests),
		failures: rate.Sometimes{Interval: time.Minute},
		stop:     stop,
		ended:    make(chan struct{}),
	}
	if err := maker.Err(); err != nil {
		stop()
		return nil, err
	}
	go q.write(ctx)
	return q, nil
}

// Offer offers a request of the source that was refused for a reason. When there is room
// for it, it calls take for a copy that is the quarantine's. It never waits.
func (q *Quarantine) Offer(ctx context.Context, source, reason string, size int, take func() *event.Event) {
	a := q.allowance(source)
	if !q.admit(a, size) {
		q.dropped.Add(ctx, 1, a.labels.Add...)
		return
	}
	select {
	case q.waiting <- refused{take(), reason, int64(size)}:
	default:
		q.bytes.Add(-int64(size))
		q.dropped.Add(ctx, 1, a.labels.Add...)
	}
}

// admit reports whether there is room, and takes it.
func (q *Quarantine) admit(a *allowance, size int) bool {
	now := time.Now()
	if size > MaxBody || len(q.waiting) == cap(q.waiting) || !a.requests.AllowN(now, 1) || !a.bytes.AllowN(now, size) {
		return false
	}
	if q.bytes.Add(int64(size)) > waitingBytes {
		q.bytes.Add(-int64(size))
		return false
	}
	return true
}

// allowance returns the source's. There are as many as sources in the configurations.
func (q *Quarantine) allowance(source string) *allowance {
	if a, there := q.sources.Load(source); there {
		return a.(*allowance) //nolint:forcetypeassert,errcheck // nothing else is stored
	}
	a, _ := q.sources.LoadOrStore(source, &allowance{
		requests: rate.NewLimiter(requestsPerSecond, requestsAtOnce),
		bytes:    rate.NewLimiter(bytesPerSecond, bytesAtOnce),
		labels:   instrument.Label(attribute.String("source", source)),
	})
	return a.(*allowance) //nolint:forcetypeassert,errcheck // as above
}

// write writes what waits until ctx ends.
func (q *Quarantine) write(ctx context.Context) {
	defer close(q.ended)
	for {
		select {
		case <-ctx.Done():
			return
		case r := <-q.waiting:
			counter := q.kept
			if err := q.publish(ctx, r); err != nil {
				counter = q.dropped
				q.failures.Do(func() {
					q.options.Log.Warn("a request that failed verification could not be put into the quarantine", zap.Error(err))
				})
			}
			counter.Add(ctx, 1, q.allowance(r.event.Source).labels.Add...)
			q.bytes.Add(-r.size)
		}
	}
}

func (q *Quarantine) publish(ctx context.Context, r refused) error {
	m, err := quarantine.Refused(r.event, r.reason)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, publishWithin)
	defer cancel()
	// The default exchange: the stream is bound to no other.
	return q.options.Publisher.Publish(ctx, amqpx.Publication{Key: topology.Quarantine, Message: m})
}

// Close drops what waits, and ends.
func (q *Quarantine) Close(ctx context.Context) error {
	q.closeOnce.Do(q.stop)
	select {
	case <-q.ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close the quarantine: %w", context.Cause(ctx))
	}
}
