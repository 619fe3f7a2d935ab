package signature

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// clock is a compiled Timestamp.
type clock struct {
	captured  bool // by the items; otherwise at a location
	at        *value
	unit      string
	tolerance time.Duration // zero: any time
	needed    bool
}

// maxTolerance keeps a window from being no window.
const maxTolerance = 366 * 24 * 3600

func (c *compiler) clock(t *Timestamp, p problems) *clock {
	k := &clock{unit: t.Unit, tolerance: DefaultTolerance * time.Second}
	switch t.Unit {
	case "":
		k.unit = unitS
	case unitS, unitMS, unitNS, unitISO, unitAuto:
	default:
		p.addf("ts.unit", "%q is no unit; want s, ms, ns, iso or auto", t.Unit)
	}
	if t.Tol != nil {
		if *t.Tol < 0 || *t.Tol > maxTolerance {
			p.addf("ts.tol", "%d is not between 0 and %d seconds", *t.Tol, maxTolerance)
		}
		k.tolerance = time.Duration(*t.Tol) * time.Second
	}
	if k.captured = t.From == captureSig; k.captured {
		if !c.captures[captureTS] {
			p.addf("ts.from", "no item captures {ts}")
		}
		return k
	}
	if t.From == captureTS {
		p.addf("ts.from", "wants sig or a location")
		return k
	}
	at, err := c.value(t.From)
	p.check("ts.from", err)
	k.at = at
	return k
}

// read finds the timestamp of the current group, as it is written.
func (k *clock) read(c *view) (string, state) {
	if k == nil || k.captured {
		return nonEmpty(c.group.ts)
	}
	text, st := k.at.text(c)
	if st == found && text == "" {
		return "", absent
	}
	return text, st
}

// judge looks at the clock: only after the signature has proven to be authentic.
func (k *clock) judge(text string, now time.Time, r Result) Result {
	if k == nil || k.tolerance == 0 || text == "" && !k.needed {
		return r
	}
	if text == "" {
		return reject(MissingTimestamp)
	}
	at, err := parseTime(text, k.unit)
	if err != nil {
		return reject(MalformedTimestamp)
	}
	r.Skew = now.Sub(at)
	if r.Skew > k.tolerance || r.Skew < -k.tolerance {
		r.OK, r.Reason = false, Stale
	}
	return r
}

var errTime = errors.New("not a timestamp of this unit")

// parseTime reads a timestamp. Numbers are digits only: no sign, no space, no fraction.
func parseTime(text, unit string) (time.Time, error) {
	if unit == unitISO || unit == unitAuto && digits([]byte(text)) != len(text) {
		return parseISO(text)
	}
	if digits([]byte(text)) != len(text) {
		return time.Time{}, errTime
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, errTime
	}
	if unit == unitAuto {
		unit = unitOf(n)
	}
	switch unit {
	case unitNS:
		return time.Unix(0, n), nil
	case unitMS:
		return time.UnixMilli(n), nil
	}
	if n > maxSeconds {
		return time.Time{}, errTime
	}
	return time.Unix(n, 0), nil
}

// maxSeconds is the end of the year 9999, the last that RFC 3339 can write.
const maxSeconds = 253402300799

// unitOf guesses the unit of a number of something since 1970 by its size.
func unitOf(n int64) string {
	switch {
	case n > 1e17:
		return unitNS
	case n > 1e11:
		return unitMS
	}
	return unitS
}

// parseISO reads RFC 3339 with its usual liberties: without a zone (UTC), with a zone without colon.
func parseISO(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04:05Z0700"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, errTime
}

// formatTime writes a time as parseTime reads it.
func formatTime(at time.Time, unit string) string {
	switch unit {
	case unitISO:
		return at.UTC().Format("2006-01-02T15:04:05.000Z")
	case unitNS:
		return strconv.FormatInt(at.UnixNano(), 10)
	case unitMS:
		return strconv.FormatInt(at.UnixMilli(), 10)
	case unitS, unitAuto:
		return strconv.FormatInt(at.Unix(), 10)
	}
	panic(fmt.Sprintf("unit %q was not checked", unit))
}
