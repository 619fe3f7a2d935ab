package amqpx_test

import (
	"context"
	"maps"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bench is what most tests need: a virtual host, and what was made for it.
type bench struct {
	*amqptest.Vhost
	cfg amqpx.Config
	ctx context.Context
	log *zap.Logger
}

func setup(t *testing.T) *bench {
	t.Helper()
	return on(t, amqptest.New(t))
}

func on(t *testing.T, vhost *amqptest.Vhost) *bench {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	t.Cleanup(cancel)
	return &bench{
		Vhost: vhost,
		cfg:   amqpx.Config{URLs: vhost.URLs, Name: t.Name()},
		ctx:   ctx,
		log:   zaptest.NewLogger(t, zaptest.Level(zap.ErrorLevel)),
	}
}

// host is the broker's host:port.
func (b *bench) host(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(b.URL)
	require.NoError(t, err)
	return u.Host
}

// queue declares a quorum queue.
func (b *bench) queue(t *testing.T, name string, args map[string]any) {
	t.Helper()
	all := map[string]any{"x-queue-type": "quorum"}
	maps.Copy(all, args)
	require.NoError(t, amqpx.Declare(b.ctx, b.cfg, amqpx.Topology{Queues: []amqpx.Queue{{Name: name, Args: all}}}))
}

// publisher returns one that is connected.
func (b *bench) publisher(t *testing.T, opts amqpx.PublisherOptions) *amqpx.Publisher {
	t.Helper()
	p := amqpx.NewPublisher(b.cfg, opts, b.log)
	t.Cleanup(func() { closeWithin(t, 10*time.Second, p.Close) })
	eventually(t, p.Ready)
	return p
}

// publish sends a message with that id to a queue.
func (b *bench) publish(p *amqpx.Publisher, queue, id string) error {
	return p.Publish(b.ctx, amqpx.Publication{Key: queue, Message: message(id)})
}

func message(id string) *event.Message {
	return &event.Message{
		ID:          id,
		Type:        "invoice.paid",
		AppID:       event.AppID,
		ContentType: "application/json",
		Timestamp:   time.Unix(1_700_000_000, 0).UTC(),
		Headers:     map[string]any{event.HeaderFormat: int64(1), event.HeaderSource: "stripe", "flag": true},
		Body:        []byte(`{"id":"` + id + `"}`),
	}
}

func closeWithin(t *testing.T, limit time.Duration, closer func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	require.NoError(t, closer(ctx))
}

func eventually(t *testing.T, check func() error) {
	t.Helper()
	var last error
	ok := func() bool { last = check(); return last == nil }
	if !waitFor(ok, 30*time.Second) {
		require.NoError(t, last)
	}
}

// waitFor polls at once and often: require.Eventually runs its condition in another
// goroutine, and first after a tick.
func waitFor(ok func() bool, limit time.Duration) bool {
	deadline := time.After(limit)
	for {
		if ok() {
			return true
		}
		select {
		case <-deadline:
			return false
		case <-time.After(10 * time.Millisecond):
		}
	}
}
