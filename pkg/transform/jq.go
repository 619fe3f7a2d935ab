package transform

import (
	"context"
	"errors"
	"fmt"

	"github.com/itchyny/gojq"

	"github.com/penstock/penstock/pkg/content"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/view"
)

// maxProgram is the length of a program, in bytes.
const maxProgram = 10_000

// Compile checks and compiles a jq program. The error is one line.
func Compile(program string) (*Transformation, error) {
	if len(program) > maxProgram {
		return nil, fmt.Errorf("the program has more than %d bytes", maxProgram)
	}
	query, err := gojq.Parse(program)
	if err != nil {
		return nil, located(program, err)
	}
	code, err := gojq.Compile(query,
		gojq.WithVariables([]string{"$source", "$type", "$headers", "$form"}),
		gojq.WithModuleLoader(prelude{}),
		gojq.WithFunction("_fromjson", 0, 0, fromJSON),
	)
	if err != nil {
		return nil, oneLine(err)
	}
	t := &Transformation{readsBody: reads(query)}
	t.run = func(ctx context.Context, e *event.Event) (any, error) { return run(ctx, code, e, t.readsBody) }
	return t, nil
}

// run runs a program within its limits. What a program that does not read the body has as its input is null.
func run(ctx context.Context, code *gojq.Code, e *event.Event, readsBody bool) (any, error) {
	v, done := view.Of(ctx, e)
	defer done()
	var body any
	var form map[string]any
	if readsBody {
		var err error
		if body, err = v.Body(ctx); err != nil {
			return nil, err
		}
		form, _ = v.Form(ctx) // a form that cannot be read has no fields; its text is the body
	}
	headers := map[string]any{}
	for name, value := range v.Headers() {
		headers[name] = value
	}
	m, stop := newMeter(ctx)
	defer stop()
	return one(m, code.RunWithContext(m, body, e.Source, e.Type, headers, form)) //nolint:contextcheck // the meter wraps ctx
}

// one returns the only result.
func one(m *meter, results gojq.Iter) (any, error) {
	result, ok := results.Next()
	if !ok {
		return nil, ErrNotOne
	}
	if err, failed := result.(error); failed {
		return nil, explain(m, err)
	}
	switch more, ok := results.Next(); {
	case !ok:
		return result, nil
	case isError(more):
		return nil, explain(m, more.(error)) //nolint:forcetypeassert,errcheck // the case says so
	default:
		return nil, ErrNotOne
	}
}

func isError(v any) bool {
	_, is := v.(error)
	return is
}

// prelude defines again, within bounds, the functions that make numbers of texts: gojq takes
// minutes and gigabytes for one with millions of digits.
type prelude struct{}

// LoadInitModules implements an interface that gojq asks for.
func (prelude) LoadInitModules() ([]*gojq.Query, error) {
	q, err := gojq.Parse(fmt.Sprintf(`
def _tonumber: tonumber;
def tonumber: if type == "string" and utf8bytelength > %d then error("a number has too many digits") else _tonumber end;
def fromjson: _fromjson;`, content.MaxNumber))
	return []*gojq.Query{q}, err
}

// LoadModule implements an interface that gojq asks for.
func (prelude) LoadModule(string) (*gojq.Query, error) { return nil, errNoModules }

// LoadJSON implements an interface that gojq asks for.
func (prelude) LoadJSON(string) (any, error) { return nil, errNoModules }

var errNoModules = errors.New("cannot load module: there are none")

// maxInner is how much memory the values of JSON within a text may take, in bytes.
const maxInner = 16 << 20

var errInner = errors.New("fromjson cannot be applied")

// fromJSON is jq's fromjson, with the bounds of a body.
func fromJSON(v any, _ []any) any {
	text, ok := v.(string)
	if !ok {
		return errInner
	}
	size, err := content.Measure(text)
	if err != nil || size.Bytes() > maxInner {
		return errInner
	}
	return content.Parse(text, size)
}
