package terminal_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/cli/internal/terminal"
)

func TestSpansHaveTwoUnitsAtMost(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0:                                 "0s",
		340*time.Millisecond + 700:        "340ms",
		12*time.Second + time.Millisecond: "12s",
		3*time.Minute + 20*time.Second:    "3m20s",
		5 * time.Hour:                     "5h",
		52*time.Hour + time.Minute:        "2d4h",
		-time.Minute:                      "1m",
	} {
		require.Equal(t, want, terminal.Span(d))
	}
}

func TestMomentsAreToldFromNow(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	require.Equal(t, "-", terminal.Ago(time.Time{}, now))
	require.Equal(t, "now", terminal.Ago(now, now))
	require.Equal(t, "1m30s ago", terminal.Ago(now.Add(-90*time.Second), now))
	require.Equal(t, "in 2m", terminal.Ago(now.Add(2*time.Minute), now))
}

func TestNumbersAndSizesCanBeRead(t *testing.T) {
	t.Parallel()
	require.Equal(t, "1,234,567", terminal.Count(1_234_567))
	require.Equal(t, "1023 B", terminal.Size(1023))
	require.Equal(t, "1.5 KiB", terminal.Size(1536))
	require.Equal(t, "2.0 MiB", terminal.Size(2<<20))
	require.Equal(t, "0 B", terminal.Size(-1))
}
