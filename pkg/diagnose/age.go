package diagnose

import (
	"fmt"
	"time"
)

// writeAge writes a duration in its two largest units, without its sign: 2d3h, 1h, 5m1s.
func writeAge(d time.Duration) string {
	const day = 24 * time.Hour
	d = d.Abs()
	for _, unit := range []struct {
		size, smaller time.Duration
		name, below   string
	}{{day, time.Hour, "d", "h"}, {time.Hour, time.Minute, "h", "m"}, {time.Minute, time.Second, "m", "s"}} {
		if d < unit.size {
			continue
		}
		text := fmt.Sprintf("%d%s", d/unit.size, unit.name)
		if rest := d % unit.size / unit.smaller; rest > 0 {
			text += fmt.Sprintf("%d%s", rest, unit.below)
		}
		return text
	}
	return d.Truncate(time.Millisecond).String()
}
