//go:build benchmark

package status_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
)

// BenchmarkEmit is what a deliverer pays for one record that a broker confirms, with
// some attempts at a time.
func BenchmarkEmit(b *testing.B) {
	for _, callers := range []int{1, 16, 64, 256} {
		b.Run(strconv.Itoa(callers), func(b *testing.B) {
			ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
			defer cancel()
			cfg := amqpx.Config{URLs: amqptest.New(b).URLs}
			require.NoError(b, amqpx.Declare(ctx, cfg, topology.Plan{}.Topology()))
			publisher := amqpx.NewPublisher(cfg, amqpx.PublisherOptions{}, zap.NewNop())
			defer func() { require.NoError(b, publisher.Close(context.WithoutCancel(ctx))) }()
			require.Eventually(b, func() bool { return publisher.Ready() == nil }, 30*time.Second, 5*time.Millisecond)
			e := status.NewEmitter(publisher, status.Options{})
			defer func() { require.NoError(b, e.Close(ctx)) }()
			r := sample()
			b.SetParallelism((callers + 1) / 2) // times two processors
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := e.Emit(ctx, r); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}
