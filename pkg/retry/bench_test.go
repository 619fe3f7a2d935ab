package retry_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/penstock/penstock/pkg/retry"
)

// BenchmarkNext decides when a failed attempt is made again.
func BenchmarkNext(b *testing.B) {
	policy := retry.Default()
	b.ReportAllocs()
	for b.Loop() {
		_ = policy.Next(retry.Failure{Attempt: 3, Age: time.Minute}, rand.Float64)
	}
}
