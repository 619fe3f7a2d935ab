package doctor

import (
	"fmt"
	"net/http"
	"time"
)

// How far apart clocks may be: signatures of five minutes of age are accepted, and
// senders are not exact either.
const (
	skewNoticed = 3 * time.Second
	skewTooMuch = time.Minute
)

// clock compares a clock with this machine's. It was read between two moments here,
// and is exact to the second at best.
func clock(whose string, theirs, before, after time.Time) Finding {
	if theirs.IsZero() {
		return skipped(whose+" does not tell its time", "Compare its clock with this one's by hand: 'date -u' on both machines.")
	}
	skew := theirs.Sub(before.Add(after.Sub(before) / 2))
	if theirs.Before(before) && theirs.Add(time.Second).After(before) {
		skew = 0 // a second has room for both
	}
	words := fmt.Sprintf("the clock of %s is %v ahead of this machine's", whose, skew.Round(time.Second))
	if skew < 0 {
		words = fmt.Sprintf("the clock of %s is %v behind this machine's", whose, -skew.Round(time.Second))
	}
	const remedy = "Let NTP (chrony, systemd-timesyncd) set the clock on both machines: signatures with a time are refused otherwise."
	switch {
	case skew.Abs() >= skewTooMuch:
		return failure(words, remedy)
	case skew.Abs() >= skewNoticed:
		return warning(words, remedy)
	default:
		return ok(fmt.Sprintf("the clock of %s agrees with this machine's", whose))
	}
}

// dateOf is what a server says the time is.
func dateOf(h http.Header) time.Time {
	at, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return at
}
