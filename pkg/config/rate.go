package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Rate is a number of events per second, minute or hour: "100/s", "10/m", "500/h".
type Rate struct {
	Count int           // how many; also how many may come at once
	Per   time.Duration // in which time: a second, a minute or an hour
}

// PerSecond returns the rate as events a second.
func (r Rate) PerSecond() float64 { return float64(r.Count) / r.Per.Seconds() }

// ParseRate reads a Rate as it is written in the configuration. The count is
// between 1 and 1,000,000,000.
func ParseRate(text string) (Rate, error) {
	digits, unit, _ := strings.Cut(text, "/")
	n, err := strconv.ParseUint(digits, 10, 31)
	per, known := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}[unit]
	if err != nil || !known || n == 0 || n > 1e9 {
		return Rate{}, fmt.Errorf("%q is not a rate such as 100/s, 10/m or 500/h", text)
	}
	return Rate{Count: int(n), Per: per}, nil
}

// UnmarshalText reads what ParseRate reads.
func (r *Rate) UnmarshalText(text []byte) error {
	parsed, err := ParseRate(string(text))
	if err != nil {
		return err
	}
	*r = parsed
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// String writes the rate as it is written in the configuration.
func (r Rate) String() string {
	unit := map[time.Duration]string{time.Second: "s", time.Minute: "m", time.Hour: "h"}[r.Per]
	return strconv.Itoa(r.Count) + "/" + unit
}
