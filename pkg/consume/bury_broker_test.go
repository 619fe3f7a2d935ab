package consume_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
)

// scribe counts the records of events, and the attempts.
type scribe struct {
	mu       sync.Mutex
	dead     map[string]int
	attempts map[string]int
	good     int
}

func newScribe() *scribe { return &scribe{dead: map[string]int{}, attempts: map[string]int{}} }

func (s *scribe) Emit(_ context.Context, records ...status.Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range records {
		if r.Kind == status.Dead {
			s.dead[r.Event]++
		}
	}
	return nil
}

func (s *scribe) Ready() error { return nil }

// handle refuses what is named bad, and takes the rest.
func (s *scribe) handle(_ context.Context, e *event.Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attempts[e.ID]++
	if strings.HasPrefix(e.Type, "bad") {
		return fault.Permanent(fault.Because(fault.ReasonRejected, statusError(400)))
	}
	s.good++
	return nil
}

// done reports how many good events were delivered, and how many are dead.
func (s *scribe) done() (good, dead int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.good, len(s.dead)
}

func TestDeadLettersCannotHoldARoute(t *testing.T) {
	t.Parallel()
	const each = 40
	queue := topology.DeadQueue("orders")
	for name, refuse := range map[string]func(t *testing.T, w *world){
		"full": func(t *testing.T, w *world) { w.vhost.Limit(t, `^penstock\.dead\.`, 1) },
		"gone": func(t *testing.T, w *world) { w.vhost.DeleteQueue(t, queue) },
	} {
		for _, partitions := range []int{0, 2} {
			t.Run(fmt.Sprint(name, partitions), func(t *testing.T) {
				t.Parallel()
				w := orderedWorld(t, partitions)
				w.consumer = amqpx.NewConsumer(w.config, zap.NewNop())
				t.Cleanup(func() { require.NoError(t, closing(w.consumer.Close)) })
				refuse(t, w)
				s := newScribe()
				o := orderedOptions(s.handle, partitions)
				o.Recorder = s
				if partitions == 0 {
					o.Key = nil
				}
				w.deliverer(t, o)
				for n := range each {
					w.send(t, fmt.Sprint("bad", n), 0)
					w.send(t, fmt.Sprint("good", n), 0)
				}
				began := time.Now()
				require.Eventually(t, func() bool {
					good, dead := s.done()
					return good == each && dead == each
				}, patience, 20*time.Millisecond, "the good events go on")
				t.Logf("%d good and %d bad events in %v", each, each, time.Since(began))
				if name == "full" {
					w.vhost.Limit(t, "", 0)
				}
				plan := topology.Plan{Routes: []topology.Route{{Name: "orders", Partitions: partitions}}}
				require.NoError(t, amqpx.Declare(t.Context(), w.config, plan.Topology()))
				require.Eventually(t, func() bool { return w.vhost.Depth(t, queue) == each }, patience, 100*time.Millisecond, "the dead letters arrive")
				for id, n := range s.attempts {
					require.Equal(t, 1, n, id)
				}
				for id, n := range s.dead {
					require.Equal(t, 1, n, "recorded more than once: %s", id)
				}
				m := w.read(t, queue)
				require.Equal(t, "rejected", m.Text(event.HeaderReason))
				require.NotContains(t, m.Headers, event.HeaderDeadWaits)
			})
		}
	}
}
