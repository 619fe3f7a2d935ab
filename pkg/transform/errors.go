package transform

import (
	"errors"
	"fmt"
	"strings"

	"github.com/itchyny/gojq"
)

// errFailed says nothing else, because gojq's texts quote the event.
var errFailed = errors.New("the transformation fails on this event")

// explain turns an error of a program into one that holds nothing of the event. The
// beginning of gojq's text stays when it is one of its own; error("…") may say anything.
func explain(m *meter, err error) error {
	if m.Err() != nil {
		return m.Err()
	}
	for _, kind := range []string{
		"expected an object", "expected an array", "cannot iterate over", "cannot index", "array index too large",
		"repeat string result too large", "object key not a string", "cannot add", "cannot subtract", "cannot multiply", "cannot divide",
	} {
		if _, thrown := err.(gojq.ValueError); !thrown && strings.HasPrefix(err.Error(), kind) { //nolint:errorlint // gojq wraps nothing
			return fmt.Errorf("%w: %s", errFailed, kind)
		}
	}
	return errFailed
}

// located puts the line and the column of a mistake before its text.
func located(program string, err error) error {
	wrong, ok := errors.AsType[*gojq.ParseError](err)
	if !ok {
		return oneLine(err)
	}
	before := program[:min(max(wrong.Offset-len(wrong.Token), 0), len(program))]
	line := strings.Count(before, "\n") + 1
	column := len([]rune(before[strings.LastIndex(before, "\n")+1:])) + 1
	return fmt.Errorf("%d:%d: %w", line, column, oneLine(err))
}

func oneLine(err error) error { return errors.New(strings.Join(strings.Fields(err.Error()), " ")) }
