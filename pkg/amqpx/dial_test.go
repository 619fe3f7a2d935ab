package amqpx_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
)

// silent listens, accepts, and never says a word.
func silent(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return "amqp://" + l.Addr().String() + "/"
}

func TestASilentNodeIsLeftForTheNext(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", nil)
	b.cfg.DialTimeout = 300 * time.Millisecond
	b.cfg.URLs = append([]string{silent(t), "amqp://127.0.0.1:1/"}, b.cfg.URLs...)
	p := b.publisher(t, amqpx.PublisherOptions{Connections: 3})
	require.NoError(t, b.publish(p, "work", "one"))
}

func TestADialEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	err := amqpx.Declare(ctx, amqpx.Config{URLs: []string{silent(t)}, DialTimeout: time.Hour}, amqpx.Topology{})
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestAPublisherThatIsStillDiallingClosesAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.cfg.URLs, b.cfg.DialTimeout = []string{silent(t)}, time.Hour
	p := amqpx.NewPublisher(b.cfg, amqpx.PublisherOptions{}, b.log)
	c := amqpx.NewConsumer(b.cfg, b.log)
	require.ErrorIs(t, c.Ready(), amqpx.ErrUnavailable)
	closeWithin(t, 5*time.Second, p.Close)
	closeWithin(t, 5*time.Second, c.Close)
}

func TestAWrongPasswordSaysSoAndNotThePassword(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.cfg.URLs = []string{"amqp://nobody:verysecret@" + b.host(t) + "/"}
	p := amqpx.NewPublisher(b.cfg, amqpx.PublisherOptions{Connections: 1}, b.log)
	t.Cleanup(func() { closeWithin(t, 10*time.Second, p.Close) })
	refused := func() bool { return p.Ready() != nil && p.Ready().Error() != "amqpx: broker unavailable: connecting" }
	require.True(t, waitFor(refused, 10*time.Second))
	require.ErrorContains(t, p.Ready(), "403")
	require.NotContains(t, p.Ready().Error(), "verysecret")
}
