package event_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/event"
)

func TestAnIDSaysWhenItWasMade(t *testing.T) {
	t.Parallel()
	before := time.Now().Truncate(time.Millisecond)
	at, ok := event.IDTime(event.NewID())
	require.True(t, ok)
	require.False(t, at.Before(before))
	require.WithinDuration(t, before, at, time.Minute)
	for _, id := range []string{"", "evt_1", "7d444840-9dc0-11d1-b245-5ffdce74fad2"} {
		_, ok := event.IDTime(id)
		require.False(t, ok, id)
	}
}
