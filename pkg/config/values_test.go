package config_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/penstock/penstock/pkg/config"
)

func TestParseDuration(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"0s": 0, "500ms": 500 * time.Millisecond, "1h30m": 90 * time.Minute, "72h": 72 * time.Hour,
		"7d": 168 * time.Hour, "7D": 168 * time.Hour, "1d12h": 36 * time.Hour, "0d": 0, "1.5h": 90 * time.Minute,
	} {
		got, err := config.ParseDuration(text)
		require.NoError(t, err, text)
		require.Equal(t, config.Duration(want), got, text)
	}
	for _, text := range []string{"", "d", "10", "-1s", "+1s", "1d-1h", "1.5d", "1h1d", "10 s", "999999d", "106751d24h", "1w", "9e99s"} {
		_, err := config.ParseDuration(text)
		require.ErrorContains(t, err, "duration", text)
	}
}

func TestParseSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]config.Size{
		"0": 0, "12": 12, "12B": 12, "12 b": 12, "1KiB": 1024, "5MiB": 5 << 20, "5mib": 5 << 20, "2GiB": 2 << 30, "1TiB": 1 << 40,
		"1kB": 1000, "3MB": 3_000_000, "20GB": 20_000_000_000, "1TB": 1_000_000_000_000, "9223372036854775807": math.MaxInt64,
	} {
		got, err := config.ParseSize(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "B", "MiB", "-1", "1.5MiB", "5Mib5", "5M", "5 Mi B", "9223372036854775808", "9007199254740993KiB", "+5B"} {
		_, err := config.ParseSize(text)
		require.ErrorContains(t, err, "size", text)
	}
}

func TestParseRate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]config.Rate{
		"100/s": {Count: 100, Per: time.Second}, "10/m": {Count: 10, Per: time.Minute}, "1/h": {Count: 1, Per: time.Hour},
	} {
		got, err := config.ParseRate(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "100", "/s", "0/s", "-1/s", "1.5/s", "1/d", "1/s/s", "1 / s", "1/S", "1000000001/s", "99999999999999999999/s"} {
		_, err := config.ParseRate(text)
		require.ErrorContains(t, err, "is not a rate", text)
	}
	require.InDelta(t, 0.5, config.Rate{Count: 30, Per: time.Minute}.PerSecond(), 1e-9)
}

func TestWhatIsWrittenReadsBackTheSame(t *testing.T) {
	t.Parallel()
	t.Run("durations", inParallel(func(t *rapid.T) {
		unit := rapid.SampledFrom([]time.Duration{1, time.Millisecond, time.Second, time.Minute, time.Hour, 24 * time.Hour}).Draw(t, "unit")
		roundTrip(t, config.Duration(unit*time.Duration(rapid.Int64Range(0, 100_000).Draw(t, "n"))))
	}))
	t.Run("sizes", inParallel(func(t *rapid.T) {
		roundTrip(t, config.Size(rapid.Int64Range(0, math.MaxInt64).Draw(t, "bytes")))
	}))
	t.Run("rates", inParallel(func(t *rapid.T) {
		roundTrip(t, config.Rate{
			Count: rapid.IntRange(1, 1_000_000_000).Draw(t, "count"),
			Per:   rapid.SampledFrom([]time.Duration{time.Second, time.Minute, time.Hour}).Draw(t, "per"),
		})
	}))
}

func inParallel(property func(*rapid.T)) func(*testing.T) {
	return func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, property)
	}
}

// value is one of the types that are written as text.
type value[T any] interface {
	*T
	UnmarshalText(text []byte) error
	MarshalText() ([]byte, error)
}

func roundTrip[T any, P value[T]](t *rapid.T, in T) {
	text, err := P(&in).MarshalText()
	require.NoError(t, err)
	var out T
	require.NoError(t, P(&out).UnmarshalText(text), string(text))
	require.Equal(t, in, out, string(text))
}

func TestDurationsAreWrittenShort(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]time.Duration{
		"0s": 0, "7d": 168 * time.Hour, "1h": time.Hour, "1h0m5s": time.Hour + 5*time.Second, "10m": 10 * time.Minute,
		"1h30m": 90 * time.Minute, "20s": 20 * time.Second,
	} {
		require.Equal(t, want, config.Duration(d).String())
	}
}
