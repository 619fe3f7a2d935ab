package amqpx_test

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
)

// proxied is a bench whose broker can be made silent.
func proxied(t *testing.T) (*bench, *amqptest.Proxy) {
	t.Helper()
	b := setup(t)
	b.queue(t, "work", nil)
	proxy := amqptest.NewProxy(t, b.URL)
	b.cfg.URLs = []string{proxy.URL}
	return b, proxy
}

func TestWithoutAConfirmTheOutcomeIsUnknown(t *testing.T) {
	t.Parallel()
	b, proxy := proxied(t)
	p := b.publisher(t, amqpx.PublisherOptions{Connections: 1})

	proxy.HoldAnswers()
	ctx, cancel := context.WithTimeout(b.ctx, 200*time.Millisecond)
	defer cancel()
	err := p.Publish(ctx, amqpx.Publication{Key: "work", Message: message("one")})
	require.ErrorIs(t, err, amqpx.ErrUnknown)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.True(t, waitFor(func() bool { return b.Depth(t, "work") == 1 }, 10*time.Second), "unknown: it was there after all")

	proxy.ReleaseAnswers()
	require.NoError(t, b.publish(p, "work", "two"), "the late confirm must be nobody else's")
	require.ErrorIs(t, b.publish(p, "nowhere", "one"), amqpx.ErrReturned)
}

func TestABrokerThatConfirmsLateIsNotTakenForADeadOne(t *testing.T) {
	t.Parallel()
	b, proxy := proxied(t)
	proxy.DelayConfirms(5 * time.Second)
	p := b.publisher(t, amqpx.PublisherOptions{Window: 16})
	const senders, each = 40, 2
	var all sync.WaitGroup
	failed := make(chan error, senders*each)
	for s := range senders {
		all.Go(func() {
			for i := range each {
				ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
				err := p.Publish(ctx, amqpx.Publication{Key: "work", Message: message(fmt.Sprint(s, "-", i))})
				cancel()
				if err != nil {
					failed <- err
				}
			}
		})
	}
	all.Wait()
	close(failed)
	for err := range failed {
		require.NoError(t, err)
	}
	require.Equal(t, senders*each, b.Depth(t, "work"))
	require.LessOrEqual(t, p.Links().Made, int64(9), "each of the three lines looks for another connection once, on a busy machine twice, and then knows that the broker is slow")
}

func TestAChannelThatIsStuckIsLeftForANewOne(t *testing.T) {
	t.Parallel()
	b, proxy := proxied(t)
	proxy.LoseConfirms(true)
	p := b.publisher(t, amqpx.PublisherOptions{Connections: 1, Window: 16})
	proxy.LoseConfirms(false) // on the next connection
	first := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
		defer cancel()
		first <- p.Publish(ctx, amqpx.Publication{Key: "work", Message: message("stuck")})
	}()
	eventually(t, func() error {
		ctx, cancel := context.WithTimeout(b.ctx, time.Second)
		defer cancel()
		return p.Publish(ctx, amqpx.Publication{Key: "work", Message: message("next")})
	})
	require.Empty(t, first, "what was sent keeps its deadline")
	require.ErrorIs(t, <-first, amqpx.ErrUnknown)
}

func TestAnAnswerThatComesLateIsTold(t *testing.T) {
	t.Parallel()
	b, proxy := proxied(t)
	p := b.publisher(t, amqpx.PublisherOptions{Connections: 1})
	proxy.HoldAnswers()
	late := make(map[string]chan error)
	publish := func(key string) error {
		ctx, cancel := context.WithTimeout(b.ctx, 200*time.Millisecond)
		defer cancel()
		told := make(chan error, 1)
		late[key] = told
		return p.Publish(ctx, amqpx.Publication{Key: key, Message: message(key), Late: func(err error) { told <- err }})
	}
	require.ErrorIs(t, publish("work"), amqpx.ErrUnknown)
	require.ErrorIs(t, publish("nowhere"), amqpx.ErrUnknown)
	require.Empty(t, late["work"])
	proxy.ReleaseAnswers()
	require.NoError(t, <-late["work"])
	require.ErrorIs(t, <-late["nowhere"], amqpx.ErrReturned)
}

func TestALostConnectionMakesWhatIsInFlightUnknown(t *testing.T) {
	t.Parallel()
	b, proxy := proxied(t)
	p := b.publisher(t, amqpx.PublisherOptions{Connections: 1})

	proxy.HoldAnswers()
	result := make(chan error, 1)
	go func() { result <- b.publish(p, "work", "one") }()
	require.True(t, waitFor(func() bool { return b.Depth(t, "work") == 1 }, 10*time.Second))
	proxy.Cut()
	proxy.ReleaseAnswers()
	require.ErrorIs(t, <-result, amqpx.ErrUnknown)
	eventually(t, func() error { return b.publish(p, "work", "two") })
}

func TestAFullWindowMakesAPublishWaitAndNotFailAtOnce(t *testing.T) {
	t.Parallel()
	b, proxy := proxied(t)
	p := b.publisher(t, amqpx.PublisherOptions{Connections: 1, Window: 4})

	proxy.HoldAnswers()
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() { require.NoError(t, b.publish(p, "work", strconv.Itoa(i))) })
	}
	require.True(t, waitFor(func() bool { return b.Depth(t, "work") == 4 }, 10*time.Second))
	ctx, cancel := context.WithTimeout(b.ctx, 200*time.Millisecond)
	defer cancel()
	err := p.Publish(ctx, amqpx.Publication{Key: "work", Message: message("five")})
	require.ErrorIs(t, err, amqpx.ErrUnavailable, "not sent, so not unknown")
	proxy.ReleaseAnswers()
	all.Wait()
	require.Equal(t, 4, b.Depth(t, "work"))
}

func TestForgottenPublishesHoldNoRoomAndTooManyEndTheConnection(t *testing.T) {
	t.Parallel()
	b, proxy := proxied(t)
	b.cfg.Heartbeat = 60 * time.Second // the silence itself must not end it
	p := b.publisher(t, amqpx.PublisherOptions{Connections: 1, Window: 100})

	proxy.HoldAnswers()
	var all sync.WaitGroup
	lost := make(chan struct{})
	var once sync.Once
	for range 50 {
		all.Go(func() {
			for p.Ready() == nil {
				ctx, cancel := context.WithTimeout(b.ctx, 5*time.Millisecond)
				_ = p.Publish(ctx, amqpx.Publication{Key: "work", Message: message("x")})
				cancel()
			}
			once.Do(func() { close(lost) })
		})
	}
	select {
	case <-lost:
	case <-time.After(30 * time.Second):
		require.Fail(t, "the connection was not given up")
	}
	all.Wait()
	proxy.ReleaseAnswers()
	eventually(t, func() error { return b.publish(p, "work", "after") })
}

func TestCloseEndsWithItsContextWhenTheBrokerIsSilent(t *testing.T) {
	t.Parallel()
	b, proxy := proxied(t)
	p := amqpx.NewPublisher(b.cfg, amqpx.PublisherOptions{Connections: 1}, b.log)
	eventually(t, p.Ready)
	proxy.HoldAnswers()
	result := make(chan error, 1)
	go func() { result <- b.publish(p, "work", "one") }()
	require.True(t, waitFor(func() bool { return b.Depth(t, "work") == 1 }, 10*time.Second))

	ctx, cancel := context.WithTimeout(b.ctx, 200*time.Millisecond)
	defer cancel()
	require.ErrorContains(t, p.Close(ctx), "1 publishes without an answer")
	require.ErrorIs(t, <-result, amqpx.ErrUnknown)
}

func TestAStreamIsReadOnAfterALoss(t *testing.T) {
	t.Parallel()
	b, proxy := proxied(t)
	b.queue(t, "log", map[string]any{"x-queue-type": "stream"})
	p := b.publisher(t, amqpx.PublisherOptions{Connections: 1})
	from, _ := b.deliveries(t, amqpx.Subscription{
		Queue: "log", Ordered: true, Prefetch: 5, Args: map[string]any{"x-stream-offset": "first"},
	})
	for i := range 30 {
		if i%10 == 0 {
			proxy.Cut()
		}
		eventually(t, func() error { return b.publish(p, "log", strconv.Itoa(i)) })
		d := receive(t, from)
		for d.Message.ID != strconv.Itoa(i) { // an unknown outcome was published twice
			require.NoError(t, d.Ack())
			d = receive(t, from)
		}
		_ = d.Ack() // its channel may be cut
	}
}

// A reconnect must leave nothing behind: the leak check at the end of the tests sees
// every goroutine. It runs alone, because it measures the memory of the process.
func TestTwoHundredReconnectsLeaveNothingBehind(t *testing.T) { //nolint:paralleltest // see above
	b, proxy := proxied(t)
	var publishers []*amqpx.Publisher
	for range 10 {
		publishers = append(publishers, b.publisher(t, amqpx.PublisherOptions{Connections: 1, Window: 8}))
	}
	var all sync.WaitGroup
	got := make(chan string, 1000)
	for range 10 {
		b.consume(t, amqpx.Subscription{Queue: "work", Handle: func(_ context.Context, d *amqpx.Delivery) {
			got <- d.Message.ID
			_ = d.Ack()
		}})
	}
	var before uint64
	for round := range 10 {
		if round == 3 { // everything has its size by now
			before = heap()
		}
		proxy.Cut()
		for i, p := range publishers {
			all.Go(func() { eventually(t, func() error { return b.publish(p, "work", fmt.Sprint(round, "-", i)) }) })
		}
		all.Wait()
	}
	seen := map[string]bool{}
	for len(seen) < 100 {
		select {
		case id := <-got:
			seen[id] = true
		case <-time.After(30 * time.Second):
			require.Fail(t, "a confirmed message did not arrive", "%d of 100 came", len(seen))
		}
	}
	t.Logf("heap: %d KiB after 60 reconnects, %d KiB after 200", before>>10, heap()>>10)
	require.Less(t, heap(), before+1<<20, "memory grows with every reconnect")
}

// heap returns the bytes in use after a collection.
func heap() uint64 {
	runtime.GC()
	runtime.GC() // what the first one finalized
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
