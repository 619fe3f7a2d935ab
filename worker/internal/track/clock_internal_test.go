package track

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/status"
)

func TestTimesOfAWrongClockArePutRight(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	tests := map[string]struct {
		mark  time.Time // the last one before
		shows time.Time // what the publisher's clock showed
		off   time.Duration
	}{
		"a clock that is right":  {now.Add(-4 * time.Second), now, 0},
		"within a few seconds":   {now, now.Add(-4 * time.Second), 0},
		"behind":                 {now, now.Add(-150 * time.Second), 150 * time.Second},
		"ahead":                  {now, now.Add(150 * time.Second), -150 * time.Second},
		"ahead, before any mark": {time.Time{}, now.Add(150 * time.Second), -150 * time.Second},
		"an old record after an old mark, read late": {now.Add(-time.Hour), now.Add(-time.Hour), 0},
		"behind, read late":                          {now.Add(-time.Hour), now.Add(-time.Hour - 150*time.Second), 150 * time.Second},
		"nothing marked the stream for long":         {now.Add(-time.Hour), now.Add(-time.Minute), 0},
		"before any mark it is taken as it is":       {time.Time{}, now.Add(-150 * time.Second), 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var c clock
			c.correct(&event.Message{Timestamp: tt.mark}, nil, now)
			records := []status.Record{{At: tt.shows, NextAt: tt.shows.Add(time.Minute)}, {At: tt.shows}}
			c.correct(&event.Message{Timestamp: tt.shows}, records, now)
			require.Equal(t, tt.shows.Add(tt.off), records[0].At)
			require.Equal(t, tt.shows.Add(tt.off).Add(time.Minute), records[0].NextAt)
			require.True(t, records[1].NextAt.IsZero())
		})
	}
}

func TestAMarkFromTheFutureMarksNothing(t *testing.T) {
	t.Parallel()
	now := time.Now()
	var c clock
	c.correct(&event.Message{Timestamp: now.Add(time.Hour)}, nil, now)
	records := []status.Record{{At: now}}
	c.correct(&event.Message{Timestamp: now}, records, now)
	require.Equal(t, now, records[0].At)
}
