package retry_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/retry"
)

func TestParseAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		value string
		want  time.Duration
		ok    bool
	}{
		"seconds":             {"120", 2 * time.Minute, true},
		"zero":                {"0", 0, true},
		"surrounding space":   {" 7\t", 7 * time.Second, true},
		"leading zeros":       {"0000000000000000000000007", 7 * time.Second, true},
		"longer than a day":   {"86401", retry.LongestWait, true},
		"more than an int":    {strings.Repeat("9", 400), retry.LongestWait, true},
		"a date":              {now.Add(90 * time.Second).Format(http.TimeFormat), 90 * time.Second, true},
		"a date in RFC 850":   {"Sunday, 01-Mar-26 12:00:05 GMT", 5 * time.Second, true},
		"a date in asctime":   {"Sun Mar  1 12:00:06 2026", 6 * time.Second, true},
		"a date in the past":  {"Sun, 01 Mar 2020 12:00:00 GMT", 0, true},
		"a date far away":     {"Sun, 01 Mar 2126 12:00:00 GMT", retry.LongestWait, true},
		"nothing":             {"", 0, false},
		"a negative number":   {"-5", 0, false},
		"a signed number":     {"+5", 0, false},
		"a fraction":          {"1.5", 0, false},
		"a word":              {"soon", 0, false},
		"digits not in ASCII": {"٣", 0, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := retry.ParseAfter(tc.value, now)
			require.Equal(t, tc.ok, ok)
			require.Equal(t, tc.want, got)
		})
	}
}

func FuzzParseAfter(f *testing.F) {
	for _, seed := range []string{"120", "", "-1", "Sun, 01 Mar 2026 12:00:00 GMT", "99999999999999999999", "1e3"} {
		f.Add(seed, int64(0))
	}
	f.Fuzz(func(t *testing.T, value string, unix int64) {
		wait, ok := retry.ParseAfter(value, time.Unix(unix, 0))
		require.GreaterOrEqual(t, wait, time.Duration(0))
		require.LessOrEqual(t, wait, retry.LongestWait)
		if !ok {
			require.Zero(t, wait)
		}
	})
}
