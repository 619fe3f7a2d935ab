package filter

import (
	"errors"
	"fmt"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/ext"

	"github.com/penstock/penstock/pkg/event"
)

// Limits on an expression: its length in characters, and what one evaluation may
// cost in CEL's abstract units, of which one step or ten characters of text take
// about one. The cost allows for looking through a body of tens of megabytes once.
const (
	maxLength = 10_000
	maxCost   = 5_000_000
)

// ErrTooCostly is wrapped by the error of a Match that was stopped because of its cost.
var ErrTooCostly = errors.New("the filter takes too much work for this event")

// Filter is a compiled expression.
type Filter struct {
	expr    string
	program cel.Program
}

// Compile checks and compiles an expression. Its result must be a bool. The error
// is one line with every mistake and its line and column within the expression.
func Compile(expr string) (*Filter, error) {
	env, err := cel.NewEnv(
		cel.Variable("source", cel.StringType),
		cel.Variable("type", cel.StringType),
		cel.Variable("headers", cel.MapType(cel.StringType, cel.StringType)),
		cel.Variable("body", cel.DynType),
		cel.ParserExpressionSizeLimit(maxLength),
		cel.OptionalTypes(),
		ext.Strings(),
	)
	if err != nil {
		return nil, fmt.Errorf("prepare the filter language: %w", err)
	}
	ast, issues := env.Compile(expr)
	if issues.Err() != nil {
		return nil, describe(issues)
	}
	if out := ast.OutputType(); !out.IsExactType(cel.BoolType) && !out.IsExactType(cel.DynType) {
		return nil, fmt.Errorf("the result must be a bool, it is a %s", out)
	}
	program, err := env.Program(ast, cel.CostLimit(maxCost), cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, fmt.Errorf("compile: %w", err)
	}
	return &Filter{expr: expr, program: program}, nil
}

// Match reports whether the expression is true for the event. It fails when the
// expression reads what the event does not have, compares what cannot be
// compared, or costs too much (ErrTooCostly). The error never holds anything of
// the event.
func (f *Filter) Match(e *event.Event) (bool, error) {
	out, _, err := f.program.Eval(&variables{event: e})
	if err != nil {
		return false, f.explain(err)
	}
	matched, ok := out.Value().(bool)
	if !ok {
		return false, errors.New("filter: the result is not a bool")
	}
	return matched, nil
}
