package event_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/event"
)

func BenchmarkEncode(b *testing.B) {
	e := sample()
	b.ReportAllocs()
	for b.Loop() {
		_, err := event.Encode(e)
		require.NoError(b, err)
	}
}

func BenchmarkDecode(b *testing.B) {
	m, err := event.Encode(sample())
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		_, err := event.Decode(m)
		require.NoError(b, err)
	}
}
