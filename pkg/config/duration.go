package config

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Duration is a length of time. It is written as Go writes one, with days on
// top: "500ms", "1h30m", "72h", "7d" or, as RabbitMQ has it, "7D". The zero value
// is no time at all. It converts to a [time.Duration].
type Duration time.Duration

const day = 24 * time.Hour

// days splits "7d" and "7d12h" into the number of days and the rest.
var days = regexp.MustCompile(`^(\d{1,6})[dD](.*)$`)

// ParseDuration reads a Duration as it is written in the configuration. It is
// never negative.
func ParseDuration(text string) (Duration, error) {
	var whole time.Duration
	rest := text
	if m := days.FindStringSubmatch(text); m != nil {
		n, err := strconv.ParseInt(m[1], 10, 64)
		if err != nil || n > math.MaxInt64/int64(day) {
			return 0, fmt.Errorf("%q is too long a duration", text)
		}
		whole, rest = time.Duration(n)*day, m[2]
		if rest == "" {
			return Duration(whole), nil
		}
	}
	part, err := time.ParseDuration(rest)
	if err != nil || part < 0 || strings.HasPrefix(rest, "+") {
		return 0, fmt.Errorf("%q is not a duration such as 500ms, 10s, 1h30m or 7d", text)
	}
	if whole > math.MaxInt64-part {
		return 0, fmt.Errorf("%q is too long a duration", text)
	}
	return Duration(whole + part), nil
}

// UnmarshalText reads what ParseDuration reads.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := ParseDuration(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String writes whole days as days, and anything else as Go does, less the units
// that are zero.
func (d Duration) String() string {
	std := time.Duration(d)
	if std > 0 && std%day == 0 {
		return strconv.FormatInt(int64(std/day), 10) + "d"
	}
	text := std.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
