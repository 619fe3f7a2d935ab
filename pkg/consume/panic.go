package consume

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// panicError is a panic of a handler or a filter. Its text never shows a value
// that may hold a payload.
type panicError struct {
	value any
	stack []byte
}

func (p *panicError) Error() string {
	if err, ok := p.value.(runtime.Error); ok {
		return "panic: " + err.Error()
	}
	return fmt.Sprintf("panic with a %T", p.value)
}

// recovering, deferred, turns a panic into an error.
func recovering(err *error) {
	if v := recover(); v != nil {
		*err = &panicError{v, debug.Stack()}
	}
}
