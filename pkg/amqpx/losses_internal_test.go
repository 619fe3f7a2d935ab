package amqpx

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLossesThatAreCloseTogetherAreOne(t *testing.T) {
	t.Parallel()
	var l losses
	now := time.Now()
	require.Zero(t, l.since(now))
	for _, after := range []time.Duration{0, time.Millisecond, 500 * time.Millisecond, time.Hour} {
		l.note(now.Add(after))
	}
	require.Equal(t, 3, l.since(now.Add(-time.Second)))
	require.Equal(t, 1, l.since(now.Add(time.Minute)))
	require.Zero(t, l.since(now.Add(2*time.Hour)))
	for n := range 2 * mostLosses {
		l.note(now.Add(2*time.Hour + time.Duration(n)*time.Second))
	}
	require.Equal(t, mostLosses, l.since(now))
}
