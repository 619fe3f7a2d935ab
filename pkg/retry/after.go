package retry

import (
	"strings"
	"time"
)

// imfFixdate is the form of a date that RFC 9110 section 5.6.7 asks senders for.
const imfFixdate = "Mon, 02 Jan 2006 15:04:05 GMT"

// ParseAfter reads the value of a Retry-After field (RFC 9110 section 10.2.3): a
// number of seconds, or an HTTP date, which is measured from now. It returns the
// wait, between zero and LongestWait, and whether the value was either.
func ParseAfter(value string, now time.Time) (time.Duration, bool) {
	value = strings.TrimSpace(value)
	if n, ok := digits(value); ok {
		return n, true
	}
	for _, layout := range []string{imfFixdate, time.RFC850, time.ANSIC} {
		if date, err := time.Parse(layout, value); err == nil {
			return min(max(date.Sub(now), 0), LongestWait), true
		}
	}
	return 0, false
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
