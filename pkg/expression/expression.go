package expression

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/view"
)

// Limits on an expression: its length in characters, what one evaluation may cost in
// CEL's abstract units, of which one step or ten characters of text take about one,
// and after how many steps of a loop it looks whether it shall stop. The cost allows for
// looking through a body of tens of megabytes once.
const (
	maxLength  = 10_000
	maxCost    = 5_000_000
	checkEvery = 100
)

// ErrTooCostly is wrapped by the error of an Eval that was stopped because of its cost.
var ErrTooCostly = errors.New("it takes too much work for this event")

// Expression is a compiled expression.
type Expression struct {
	text      string
	program   cel.Program
	output    *cel.Type
	readsBody bool
}

// Compile checks and compiles an expression. The error is one line with every mistake
// and its line and column within the expression.
func Compile(text string) (*Expression, error) {
	env, err := cel.NewEnv(
		cel.Variable("source", cel.StringType),
		cel.Variable("type", cel.StringType),
		cel.Variable("headers", cel.MapType(cel.StringType, cel.StringType)),
		cel.Variable("query", cel.MapType(cel.StringType, cel.StringType)),
		cel.Variable("body", cel.DynType),
		cel.Variable("form", cel.MapType(cel.StringType, cel.StringType)),
		cel.CustomTypeAdapter(adapter{}),
		cel.ParserExpressionSizeLimit(maxLength),
		cel.OptionalTypes(),
		ext.Strings(),
	)
	if err != nil {
		return nil, fmt.Errorf("prepare the expression language: %w", err)
	}
	checked, issues := env.Compile(text)
	if issues.Err() != nil {
		return nil, describe(issues)
	}
	program, err := env.Program(checked, cel.CostLimit(maxCost), cel.InterruptCheckFrequency(checkEvery), cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, fmt.Errorf("compile: %w", err)
	}
	return &Expression{text: text, program: program, output: checked.OutputType(), readsBody: readsBody(checked)}, nil
}

// Output is the type of the results, as far as it is known before there is an event:
// DynType stands for any.
func (x *Expression) Output() *cel.Type { return x.output }

// ReadsBody reports whether the expression may ask for the body, or for its form.
func (x *Expression) ReadsBody() bool { return x.readsBody }

func readsBody(checked *cel.Ast) bool {
	names := ast.MatchDescendants(ast.NavigateAST(checked.NativeRep()), ast.KindMatcher(ast.IdentKind))
	return slices.ContainsFunc(names, func(e ast.NavigableExpr) bool { return e.AsIdent() == "body" || e.AsIdent() == "form" })
}

// Eval evaluates the expression for the event. It fails when the expression reads what
// the event does not have, combines what cannot be combined, costs too much (ErrTooCostly),
// asks for a body that cannot be read (view.ErrUnreadable, view.ErrTooLarge), or when ctx
// ends within a loop or while it waits for memory to read the body. The error never holds
// anything of the event. Of a result that is a part of the body, what the context shares
// (view.Share) is good until that is done.
func (x *Expression) Eval(ctx context.Context, e *event.Event) (ref.Val, error) {
	seen, done := view.Of(ctx, e)
	defer done()
	v := &variables{ctx: ctx, event: e, view: seen}
	out, _, err := x.program.ContextEval(ctx, v)
	switch {
	case err != nil && v.err != nil:
		return nil, v.err
	case err != nil:
		return nil, x.explain(ctx, err)
	default:
		return out, nil
	}
}
