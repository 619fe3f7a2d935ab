package expression

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"cel.dev/cel-go/cel"
)

// describe writes the compiler's findings on one line.
func describe(issues *cel.Issues) error {
	found := issues.Errors()
	texts := make([]string, len(found))
	for i, e := range found {
		text, _, _ := strings.Cut(e.Message, "\n")
		text = strings.ReplaceAll(text, " (in container '')", "")
		texts[i] = fmt.Sprintf("%d:%d: %s", e.Location.Line(), e.Location.Column()+1, text)
	}
	return errors.New(strings.Join(texts, "; "))
}

// explain turns an error of the evaluation into one that holds nothing of the
// event: a detail is kept only when the expression itself has it.
func (x *Expression) explain(ctx context.Context, err error) error {
	text := err.Error()
	switch {
	case strings.Contains(text, "cost limit exceeded"):
		return ErrTooCostly
	case ctx.Err() != nil:
		return ctx.Err()
	}
	for _, kind := range []string{"no such key", "no such attribute(s)", "no such overload", "index out of bounds"} {
		detail, found := strings.CutPrefix(text, kind)
		if !found {
			continue
		}
		detail = strings.Trim(detail, ": ")
		if detail == "" || !strings.Contains(x.text, detail) {
			return errors.New(kind)
		}
		return fmt.Errorf("%s: %s", kind, detail)
	}
	return errors.New("it cannot be evaluated for this event")
}
