package status

import (
	"strings"
	"time"
)

// cut makes s valid UTF-8 of at most maxText bytes, without zero bytes, which some
// stores refuse.
func cut[T ~string](text T) T { return cutTo(text, maxText) }

func cutTo[T ~string](text T, most int) T {
	s := strings.ReplaceAll(strings.ToValidUTF8(string(text), "\uFFFD"), "\x00", "\uFFFD")
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "")
	}
	return T(s)
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
