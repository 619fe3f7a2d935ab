package filter

import (
	"context"
	"errors"
	"fmt"

	"cel.dev/cel-go/cel"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/expression"
)

// ErrTooCostly is wrapped by the error of a Match that was stopped because of its cost.
var ErrTooCostly = expression.ErrTooCostly

// Filter is a compiled expression.
type Filter struct{ expression *expression.Expression }

// Compile checks and compiles an expression. Its result must be a bool. The error
// is one line with every mistake and its line and column within the expression.
func Compile(expr string) (*Filter, error) {
	x, err := expression.Compile(expr)
	if err != nil {
		return nil, err
	}
	if out := x.Output(); !out.IsExactType(cel.BoolType) && !out.IsExactType(cel.DynType) {
		return nil, fmt.Errorf("the result must be a bool, it is a %s", out)
	}
	return &Filter{x}, nil
}

// Match reports whether the expression is true for the event. It fails as
// [expression.Expression.Eval] does: when the expression reads what the event does
// not have, compares what cannot be compared, asks for a body that cannot be read,
// costs too much (ErrTooCostly), or when ctx ends. The error never holds anything of
// the event.
func (f *Filter) Match(ctx context.Context, e *event.Event) (bool, error) {
	out, err := f.expression.Eval(ctx, e)
	if err != nil {
		return false, fmt.Errorf("filter: %w", err)
	}
	matched, ok := out.Value().(bool)
	if !ok {
		return false, errors.New("filter: the result is not a bool")
	}
	return matched, nil
}
