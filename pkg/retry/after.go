package retry

import (
	"net/http"
	"strings"
	"time"
)

// ParseAfter reads the value of a Retry-After field (RFC 9110 section 10.2.3): a
// number of seconds, or an HTTP date, which is measured from now. It returns the
// wait, between zero and LongestWait, and whether the value was either.
func ParseAfter(value string, now time.Time) (time.Duration, bool) {
	value = strings.TrimSpace(value)
	if n, ok := digits(value); ok {
		return n, true
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return min(max(date.Sub(now), 0), LongestWait), true
}

// digits stops growing at LongestWait, so no number overflows it.
func digits(value string) (time.Duration, bool) {
	var n time.Duration
	for _, c := range []byte(value) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = min(n*10+time.Duration(c-'0')*time.Second, LongestWait)
	}
	return n, value != ""
}
