package spool_test

import (
	"context"
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"github.com/penstock/penstock/gateway/internal/spool"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fanout"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// How long, at most, and how often a test looks whether something has happened.
const (
	waitFor = 30 * time.Second
	tick    = 5 * time.Millisecond
)

// broker is a fake that confirms, or answers what it is told.
type broker struct {
	mu     sync.Mutex
	err    error
	tries  int
	got    map[string]fanout.Event // by message id
	copies int                     // confirmed, however often
}

func (b *broker) Publish(_ context.Context, p fanout.Event) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tries++
	if b.err != nil {
		return b.err
	}
	b.got[p.Message.ID] = p
	b.copies++
	return nil
}

func (b *broker) answer(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err, b.tries = err, 0
}

func (b *broker) count() (tries, events int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.tries, len(b.got)
}

// bundle is a spool in front of a fake broker, which is down at first.
type bundle struct {
	*spool.Spool
	broker *broker
	dir    string
	reader *sdkmetric.ManualReader
}

func setup(t *testing.T, dir string) *bundle {
	t.Helper()
	b := &bundle{broker: &broker{err: amqpx.ErrUnavailable, got: map[string]fanout.Event{}}, dir: dir, reader: sdkmetric.NewManualReader()}
	var err error
	b.Spool, err = spool.Open(spool.Options{
		Dir: dir, MaxBytes: 1 << 20, Publisher: b.broker, Log: zap.NewNop(),
		Meter: sdkmetric.NewMeterProvider(sdkmetric.WithReader(b.reader)).Meter("test"),
	})
	require.NoError(t, err)
	t.Cleanup(func() { b.close(t) })
	return b
}

func (b *bundle) close(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), waitFor)
	defer cancel()
	require.NoError(t, b.Close(ctx))
}

// add spools publications with these ids.
func (b *bundle) add(t *testing.T, ids ...string) {
	t.Helper()
	for _, id := range ids {
		require.NoError(t, b.Spool.Spool(t.Context(), publication(id)))
	}
}

// await waits until that many events are in the broker.
func (b *bundle) await(t *testing.T, events int) {
	t.Helper()
	require.Eventually(t, func() bool { _, n := b.broker.count(); return n == events }, waitFor, tick)
}

// publication has something in every field, and bytes that are no text.
func publication(id string) fanout.Event {
	return fanout.Event{Source: "github", Type: "push", Done: []string{"penstock.archive"}, Message: &event.Message{
		ID: id, Type: "push", AppID: event.AppID, ContentType: "application/json", ContentEncoding: "zstd",
		Timestamp: time.UnixMilli(1_700_000_000_123).UTC(),
		Headers: map[string]any{
			event.HeaderFormat: int64(1), event.HeaderSource: "github", event.HeaderProviderID: "\xff\xfe", "flag": true,
			event.HeaderReceivedAt: int64(1_700_000_000_123_456_789),
		},
		Body: []byte("\x00\xff{}"),
	}}
}

func ids(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprint("event-", i))
	}
	return all
}

// metric returns the value of a counter or a gauge, rounded up.
func (b *bundle) metric(t *testing.T, name string) int {
	t.Helper()
	var all metricdata.ResourceMetrics
	require.NoError(t, b.reader.Collect(t.Context(), &all))
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			if m.Name != name {
				continue
			}
			switch data := m.Data.(type) {
			case metricdata.Gauge[float64]:
				return int(math.Ceil(data.DataPoints[0].Value))
			case metricdata.Sum[int64]:
				return int(data.DataPoints[0].Value)
			}
		}
	}
	require.Fail(t, "no such metric", name)
	return 0
}
