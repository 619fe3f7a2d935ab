package terminal

import (
	"strconv"
	"time"

	"github.com/dustin/go-humanize"
)

// Span writes a length of time for people, with two units at most: 340ms, 12s,
// 3m20s, 5h, 2d4h. What is negative is counted as its opposite.
func Span(d time.Duration) string {
	d = d.Abs()
	switch {
	case d < time.Second:
		return d.Truncate(time.Millisecond).String()
	case d < time.Minute:
		return pair(int64(d/time.Second), "s", 0, "")
	case d < time.Hour:
		return pair(int64(d/time.Minute), "m", int64(d%time.Minute/time.Second), "s")
	case d < 24*time.Hour:
		return pair(int64(d/time.Hour), "h", int64(d%time.Hour/time.Minute), "m")
	default:
		day := 24 * time.Hour
		return pair(int64(d/day), "d", int64(d%day/time.Hour), "h")
	}
}

func pair(first int64, unit string, second int64, smaller string) string {
	text := strconv.FormatInt(first, 10) + unit
	if second > 0 {
		text += strconv.FormatInt(second, 10) + smaller
	}
	return text
}

// Ago says how long ago a moment was, such as "12s ago", or how long it is until
// then, such as "in 3m". The zero time is "-".
func Ago(at, now time.Time) string {
	switch d := now.Sub(at); {
	case at.IsZero():
		return "-"
	case d < -time.Second:
		return "in " + Span(d)
	case d < time.Second:
		return "now"
	default:
		return Span(d) + " ago"
	}
}

// Count writes a number with a comma before each three digits: 12,345.
func Count(n int64) string { return humanize.Comma(n) }

// Size writes a number of bytes, such as 1.5 KiB. What is negative is none.
func Size(bytes int) string { return humanize.IBytes(uint64(max(bytes, 0))) }

// Plural writes a number with what it counts: 1 event, 2 events.
func Plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return Count(int64(n)) + " " + what
}
