package ordering_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/ordering"
)

// BenchmarkOf finds the partition of an event of 1 KiB.
func BenchmarkOf(b *testing.B) {
	keyer, err := ordering.Compile(`body.customer`)
	require.NoError(b, err)
	e := &event.Event{Body: []byte(`{"customer":"c-17","padding":"` + strings.Repeat("x", 990) + `"}`)}
	b.ReportAllocs()
	for b.Loop() {
		key, err := keyer.Of(b.Context(), e)
		require.NoError(b, err)
		_ = key.Partition(16)
	}
}
