package consume

import (
	"fmt"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
)

// panicError is a panic of a handler or a filter. Its text never shows a value
// that may hold a payload.
type panicError struct {
	value any
	place string // where it happened; empty: not known
	stack []byte
}

func (p *panicError) Error() string {
	if err, ok := p.value.(runtime.Error); ok {
		return "panic: " + err.Error() + p.place
	}
	return fmt.Sprintf("panic with a %T%s", p.value, p.place)
}

// placeOfPanic returns the function, the file and the line that panicked, for a function that is
// deferred and called after the panic.
func placeOfPanic() string {
	const most = 64
	callers := make([]uintptr, most)
	frames := runtime.CallersFrames(callers[:runtime.Callers(1, callers)])
	for panicked, more := false, true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		switch {
		case f.Function == "runtime.gopanic":
			panicked = true
		case panicked && !strings.HasPrefix(f.Function, "runtime."):
			return fmt.Sprintf(" in %s (%s:%d)", f.Function, filepath.Base(f.File), f.Line)
		}
	}
	return ""
}

// recovering, deferred, turns a panic into an error.
func recovering(err *error) {
	if v := recover(); v != nil {
		*err = &panicError{v, placeOfPanic(), debug.Stack()}
	}
}
