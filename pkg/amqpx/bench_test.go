package amqpx_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
)

// BenchmarkPublish measures confirmed publishes to a quorum queue, by how many wait
// for theirs at a time.
func BenchmarkPublish(b *testing.B) {
	for name, senders := range map[string]int{"1": 1, "64": 64, "256": 256} {
		b.Run(name, func(b *testing.B) {
			vhost := amqptest.New(b)
			cfg := amqpx.Config{URLs: vhost.URLs}
			work := amqpx.Queue{Name: "work", Args: map[string]any{"x-queue-type": "quorum"}}
			require.NoError(b, amqpx.Declare(b.Context(), cfg, amqpx.Topology{Queues: []amqpx.Queue{work}}))
			p := amqpx.NewPublisher(cfg, amqpx.PublisherOptions{}, zap.NewNop())
			defer func() { require.NoError(b, p.Close(context.Background())) }()
			for p.Ready() != nil {
				require.NoError(b, b.Context().Err())
			}
			m := message("0198c0de-0000-7000-8000-000000000000")
			b.SetParallelism(max(senders/2, 1)) // times GOMAXPROCS
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					require.NoError(b, p.Publish(context.Background(), amqpx.Publication{Key: "work", Message: m}))
				}
			})
		})
	}
}
