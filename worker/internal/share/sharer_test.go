package share_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/lifecycle"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/share"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// waitFor is how long a test waits for what has to happen, on any machine.
const waitFor = 60 * time.Second

// installation is a broker with the exchange of the deliverers.
type installation struct {
	t   *testing.T
	cfg amqpx.Config
}

func setup(t *testing.T) *installation {
	t.Helper()
	i := &installation{t, amqpx.Config{URLs: amqptest.New(t).URLs, Name: t.Name()}}
	require.NoError(t, amqpx.Declare(t.Context(), i.cfg, topology.Plan{}.Topology()))
	return i
}

// deliverer is one that serves a destination with 10 slots and a rate.
type deliverer struct {
	t         *testing.T
	publisher *amqpx.Publisher
	consumer  *amqpx.Consumer
	end       func(context.Context) error

	mu    sync.Mutex
	part  share.Part
	inUse int
}

func (i *installation) start() *deliverer {
	i.t.Helper()
	log := zaptest.NewLogger(i.t, zaptest.Level(zap.ErrorLevel))
	d := &deliverer{t: i.t, publisher: amqpx.NewPublisher(i.cfg, amqpx.PublisherOptions{}, log), consumer: amqpx.NewConsumer(i.cfg, log)}
	s := share.New(share.Options{Publisher: d.publisher, Consumer: d.consumer, Look: d.look, Give: d.give, Log: log})
	d.end = lifecycle.Background(context.WithoutCancel(i.t.Context()), s.Run)
	i.t.Cleanup(d.kill)
	return d
}

func (d *deliverer) look() []share.Limits {
	d.mu.Lock()
	defer d.mu.Unlock()
	return []share.Limits{{Destination: "slow", Slots: 10, InUse: d.inUse}}
}

func (d *deliverer) give(_ string, p share.Part) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.part = p
}

func (d *deliverer) now() share.Part {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.part
}

func (d *deliverer) use(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inUse = n
}

// kill ends its connections, so that it cannot say that it stops.
func (d *deliverer) kill() {
	d.close(d.publisher.Close)
	d.stop()
}

func (d *deliverer) stop() {
	d.close(d.end)
	d.close(d.consumer.Close)
	d.close(d.publisher.Close)
}

func (d *deliverer) close(closer func(context.Context) error) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), waitFor)
	defer cancel()
	require.NoError(d.t, closer(ctx))
}

// requireParts waits until each deliverer has that part of the rate, and all together have the
// slots.
func requireParts(t *testing.T, rate float64, all ...*deliverer) {
	t.Helper()
	require.Eventually(t, func() bool {
		sum := 0
		for _, d := range all {
			if d.now().Rate != rate {
				return false
			}
			sum += d.now().Slots
		}
		return sum == 10
	}, waitFor, 20*time.Millisecond)
}

func TestDeliverersThatComeAndGoShareTheLimit(t *testing.T) {
	t.Parallel()
	i := setup(t)
	one := i.start()
	requireParts(t, 1, one)
	two, three, four := i.start(), i.start(), i.start()
	requireParts(t, 0.25, one, two, three, four)
	four.stop()
	requireParts(t, 1.0/3, one, two, three)
	three.kill()
	requireParts(t, 0.5, one, two)
}

func TestADelivererWithTooManyAttemptsIsWaitedFor(t *testing.T) {
	t.Parallel()
	i := setup(t)
	one := i.start()
	requireParts(t, 1, one)
	one.use(10)
	two := i.start()
	require.Eventually(t, func() bool { return two.now() == share.Part{Slots: 0, Rate: 0.5} }, waitFor, 20*time.Millisecond)
	one.use(7)
	require.Eventually(t, func() bool { return two.now() == share.Part{Slots: 3, Rate: 0.5} }, waitFor, 20*time.Millisecond)
	one.use(5)
	requireParts(t, 0.5, one, two)
}

// Without the exchange a deliverer goes on as if it were alone, and is ready.
func TestWithoutTheExchangeTheWholeLimitIsUsed(t *testing.T) {
	t.Parallel()
	i := &installation{t, amqpx.Config{URLs: amqptest.New(t).URLs, Name: t.Name()}}
	one := i.start()
	requireParts(t, 1, one)
	require.NoError(t, one.consumer.Ready())
}
