package canary

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/metric/noop"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/topology"
)

// fake is a broker of which one level holds messages.
type fake struct {
	ready map[string]int
	sent  []amqpx.Publication
	err   error
}

func (f *fake) Inspect(_ context.Context, queue string) (amqpx.QueueState, error) {
	return amqpx.QueueState{Ready: f.ready[queue]}, nil
}

func (f *fake) Publish(_ context.Context, p amqpx.Publication) error {
	if f.err == nil {
		f.sent = append(f.sent, p)
		f.ready[p.Key]++
	}
	return f.err
}

func watch(t *testing.T, f *fake) *Watch {
	t.Helper()
	w, err := New(Options{Broker: f, Publisher: f, Meter: noop.Meter{}, Log: zap.NewNop(), Every: time.Nanosecond})
	require.NoError(t, err)
	return w
}

func (w *Watch) lookAtAll(ctx context.Context) {
	for _, seconds := range topology.Levels() {
		w.look(ctx, seconds)
	}
}

func TestOnlyLevelsInUseGetACanary(t *testing.T) {
	t.Parallel()
	level := topology.LevelQueue(1)
	f := &fake{ready: map[string]int{level: 1}}
	w := watch(t, f)
	w.Every = time.Minute
	w.lookAtAll(t.Context())
	w.lookAtAll(t.Context())
	require.Len(t, f.sent, 1, "the next one is not due yet")
	require.Equal(t, level, f.sent[0].Key)

	f.ready[level] = 1 // only the canary is left
	w.levels[1].sent = time.Time{}
	w.lookAtAll(t.Context())
	require.Len(t, f.sent, 1)
	w.arrive(f.sent[0].Message.ID, time.Now())
	f.ready[level] = 0
	w.lookAtAll(t.Context())
	require.Empty(t, w.lateness(time.Now()), "the level is not in use any more")
}

func TestALevelIsAsLateAsItsCanary(t *testing.T) {
	t.Parallel()
	level := topology.LevelQueue(4)
	f := &fake{ready: map[string]int{level: 1}}
	w := watch(t, f)
	w.Every = time.Minute
	w.lookAtAll(t.Context())
	due := f.sent[0].Message.Timestamp.Add(4 * time.Second)
	require.Zero(t, w.lateness(due)[level])
	require.Equal(t, time.Minute, w.lateness(due.Add(time.Minute))[level], "it has not come")
	w.arrive("another tracker's", due)
	w.arrive(f.sent[0].Message.ID, due.Add(3*time.Second))
	require.Equal(t, 3*time.Second, w.lateness(due.Add(time.Hour))[level])
}

func TestALevelThatRefusesIsLate(t *testing.T) {
	t.Parallel()
	level := topology.LevelQueue(4)
	f := &fake{ready: map[string]int{level: 1}, err: amqpx.ErrNacked}
	w := watch(t, f)
	w.Every = time.Minute
	w.lookAtAll(t.Context())
	began := w.levels[4].refused
	require.Equal(t, time.Hour, w.lateness(began.Add(time.Hour))[level])
}
