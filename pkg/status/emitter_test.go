package status_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
)

// emitter starts one that is closed with the test.
func emitter(t *testing.T, p status.Publisher, o status.Options) *status.Emitter {
	t.Helper()
	e := status.NewEmitter(p, o)
	t.Cleanup(func() { closeNow(t, e) })
	return e
}

func closeNow(t *testing.T, e *status.Emitter) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	require.NoError(t, e.Close(ctx))
}

func numbered(i int) status.Record {
	return status.Record{Kind: status.Delivered, Event: fmt.Sprintf("e%03d", i)}
}

func TestCallersShareAMessageWhileAnotherIsOnItsWay(t *testing.T) {
	t.Parallel()
	s := newStream()
	s.released = make(chan struct{})
	e := emitter(t, s, status.Options{Batch: 50, Linger: time.Minute})
	var calls sync.WaitGroup
	emit := func(i int) {
		calls.Go(func() {
			if err := e.Emit(t.Context(), numbered(i)); err != nil {
				t.Error(err)
			}
		})
	}
	emit(0)
	<-s.entered
	for i := 1; i <= 100; i++ {
		emit(i)
	}
	<-s.entered
	<-s.entered
	close(s.released)
	calls.Wait()
	sizes, seen := []int{}, map[string]bool{}
	for _, b := range s.published() {
		sizes = append(sizes, len(b))
		for _, r := range b {
			seen[r.Event] = true
			require.WithinDuration(t, time.Now(), r.At, time.Minute)
		}
	}
	require.ElementsMatch(t, []int{1, 50, 50}, sizes)
	require.Len(t, seen, 101)
}

func TestWhatHasGatheredLeavesWhenTheOneBeforeHasLanded(t *testing.T) {
	t.Parallel()
	s := newStream()
	s.released = make(chan struct{})
	e := emitter(t, s, status.Options{Linger: time.Hour})
	errs := make(chan error, 2)
	for i := range 2 {
		go func() { errs <- e.Emit(t.Context(), numbered(i)) }()
		if i == 0 {
			<-s.entered
		}
	}
	close(s.released)
	require.NoError(t, <-errs)
	require.NoError(t, <-errs)
}

func TestALoneRecordDoesNotWaitForCompany(t *testing.T) {
	t.Parallel()
	s := newStream()
	e := emitter(t, s, status.Options{})
	require.NoError(t, e.Emit(t.Context(), numbered(1)))
	require.Len(t, s.published(), 1)
}

func TestManyRecordsOfOneCallKeepTheirOrder(t *testing.T) {
	t.Parallel()
	s := newStream()
	e := emitter(t, s, status.Options{Batch: 10, Linger: -1})
	records := make([]status.Record, 25)
	for i := range records {
		records[i] = numbered(i)
	}
	require.NoError(t, e.Emit(t.Context(), records...))
	var got []string
	for _, b := range s.published() {
		require.LessOrEqual(t, len(b), 10)
		for _, r := range b {
			got = append(got, r.Event)
		}
	}
	require.Len(t, got, 25)
	require.IsIncreasing(t, got)
}

func TestEmitReturnsOnlyAfterTheConfirm(t *testing.T) {
	t.Parallel()
	s := newStream()
	s.released = make(chan struct{})
	e := emitter(t, s, status.Options{})
	done := make(chan error, 1)
	go func() { done <- e.Emit(t.Context(), numbered(1)) }()
	<-s.entered
	require.Empty(t, done)
	close(s.released)
	require.NoError(t, <-done)
}

func TestARefusalReachesEveryCallerOfTheBatch(t *testing.T) {
	t.Parallel()
	s := newStream()
	s.answer = amqpx.ErrUnavailable
	e := emitter(t, s, status.Options{Batch: 2, Linger: time.Minute})
	errs := make(chan error, 2)
	for i := range 2 {
		go func() { errs <- e.Emit(t.Context(), numbered(i)) }()
	}
	for range 2 {
		err := <-errs
		require.ErrorIs(t, err, status.ErrNotConfirmed)
		require.ErrorIs(t, err, amqpx.ErrUnavailable)
	}
}

func TestAFullWindowHoldsTheCallerBackUntilItsContextEnds(t *testing.T) {
	t.Parallel()
	s := newStream()
	s.released = make(chan struct{})
	e := emitter(t, s, status.Options{Batch: 1, Flights: 1})
	var calls sync.WaitGroup
	for i := range 2 { // one in flight, one gathered and waiting for its slot
		calls.Go(func() { require.NoError(t, e.Emit(t.Context(), numbered(i))) })
	}
	<-s.entered
	ctx, cancel := context.WithCancel(t.Context())
	third := make(chan error, 1)
	calls.Go(func() { third <- e.Emit(ctx, numbered(3)) })
	cancel()
	require.ErrorIs(t, <-third, context.Canceled)
	close(s.released)
	calls.Wait()
	require.LessOrEqual(t, len(s.published()), 3)
}

func TestAnInvalidRecordIsRefusedAtOnceAndHarmsNobody(t *testing.T) {
	t.Parallel()
	s := newStream()
	e := emitter(t, s, status.Options{})
	require.ErrorIs(t, e.Emit(t.Context(), numbered(1), status.Record{Kind: "lost", Event: "e"}), status.ErrInvalid)
	require.NoError(t, e.Emit(t.Context(), numbered(2)))
	require.Len(t, s.published(), 1)
}

func TestCloseAnswersWhatWasTakenAndRefusesTheRest(t *testing.T) {
	t.Parallel()
	s := newStream()
	s.released = make(chan struct{})
	e := status.NewEmitter(s, status.Options{Linger: -1})
	taken := make(chan error, 1)
	go func() { taken <- e.Emit(t.Context(), numbered(1)) }()
	<-s.entered

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, e.Close(ended), context.Canceled)
	require.ErrorIs(t, e.Emit(t.Context(), numbered(2)), status.ErrClosed)
	close(s.released)
	require.NoError(t, <-taken)
	closeNow(t, e)
}

func TestAPublishIsGivenUpAfterItsTimeout(t *testing.T) {
	t.Parallel()
	s := newStream()
	s.released = make(chan struct{})
	e := emitter(t, s, status.Options{Timeout: time.Millisecond})
	err := e.Emit(t.Context(), numbered(1))
	require.ErrorIs(t, err, status.ErrNotConfirmed)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestRecordsReachTheStreamOfABroker(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cfg := amqpx.Config{URLs: amqptest.New(t).URLs, Name: t.Name()}
	require.NoError(t, amqpx.Declare(ctx, cfg, topology.Plan{}.Topology()))
	publisher := amqpx.NewPublisher(cfg, amqpx.PublisherOptions{}, zap.NewNop())
	t.Cleanup(func() { require.NoError(t, publisher.Close(context.Background())) })
	require.Eventually(t, func() bool { return publisher.Ready() == nil }, 30*time.Second, 5*time.Millisecond)

	e := emitter(t, publisher, status.Options{})
	var calls sync.WaitGroup
	for i := range 500 {
		calls.Go(func() { require.NoError(t, e.Emit(ctx, numbered(i))) })
	}
	calls.Wait()

	consumer := amqpx.NewConsumer(cfg, zap.NewNop())
	seen := map[string]bool{}
	reading, stop := context.WithCancel(ctx)
	defer stop()
	require.NoError(t, consumer.Subscribe(amqpx.Subscription{
		Queue: topology.Status, Ordered: true, Args: map[string]any{"x-stream-offset": "first"},
		Handle: func(_ context.Context, d *amqpx.Delivery) {
			records, err := status.Decode(d.Message)
			require.NoError(t, err)
			for _, r := range records {
				seen[r.Event] = true
			}
			require.NoError(t, d.Ack())
			if len(seen) == 500 {
				stop()
			}
		},
	}).Run(reading))
	require.Len(t, seen, 500)
	require.NoError(t, consumer.Close(context.Background()))
}
