package expression

import (
	"context"
	"encoding/json"
	"strconv"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/view"
)

// variables are what an expression sees of an event. The body is read when it is first
// asked for. It serves one evaluation, so it needs no lock.
type variables struct {
	ctx   context.Context //nolint:containedctx // the interface that asks for a variable has none
	event *event.Event
	view  *view.View
	err   error // why the body or the form could not be read
}

// Parent implements cel.Activation.
func (*variables) Parent() cel.Activation { return nil }

// ResolveName implements cel.Activation.
func (v *variables) ResolveName(name string) (any, bool) {
	switch name {
	case "source":
		return v.event.Source, true
	case "type":
		return v.event.Type, true
	case "headers":
		return v.view.Headers(), true
	case "query":
		return v.view.Query(), true
	case "body":
		body, err := v.view.Body(v.ctx)
		return v.orError(body, err), true
	case "form":
		form, err := v.view.Form(v.ctx)
		return v.orError(form, err), true
	default:
		return nil, false
	}
}

func (v *variables) orError(value any, err error) any {
	if err != nil {
		v.err = err
		return types.WrapErr(err)
	}
	return value
}

// adapter gives CEL the values of a JSON document as content.Parse builds them.
type adapter struct{}

// NativeToValue implements types.Adapter.
func (a adapter) NativeToValue(value any) ref.Val {
	switch v := value.(type) {
	case map[string]any:
		return types.NewStringInterfaceMap(a, v)
	case []any:
		return types.NewDynamicList(a, v)
	case json.Number:
		return number(v.String())
	default:
		return types.DefaultTypeAdapter.NativeToValue(value)
	}
}

func number(text string) ref.Val {
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return types.Int(i)
	}
	if u, err := strconv.ParseUint(text, 10, 64); err == nil {
		return types.Uint(u)
	}
	f, _ := strconv.ParseFloat(text, 64) // out of range is ±Inf, which still compares rightly
	return types.Double(f)
}
