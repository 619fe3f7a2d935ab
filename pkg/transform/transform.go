package transform

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/itchyny/gojq"

	"github.com/penstock/penstock/pkg/event"
)

// Limits of a transformation.
const (
	MaxTime    = time.Second // of one application
	MaxSize    = 8 << 20     // of the result, in bytes of JSON
	maxProgram = 10_000      // of a program, in bytes
)

// What can be wrong with one application, besides the program's own failure.
var (
	ErrTooLong   = errors.New("the transformation takes too long for this event")
	ErrTooLarge  = errors.New("the result of the transformation is too large")
	ErrNotOne    = errors.New("the transformation does not give exactly one result")
	ErrCancelled = errors.New("the transformation was cancelled")
)

// Transformation is a compiled program. It is safe for concurrent use.
type Transformation struct {
	run func(ctx context.Context, e *event.Event) (result any, err error)
}

// Compile checks and compiles a jq program. The error is one line.
func Compile(program string) (*Transformation, error) {
	if len(program) > maxProgram {
		return nil, fmt.Errorf("the program has more than %d bytes", maxProgram)
	}
	query, err := gojq.Parse(program)
	if err != nil {
		return nil, located(program, err)
	}
	code, err := gojq.Compile(query, gojq.WithVariables([]string{"$source", "$type", "$headers"}))
	if err != nil {
		return nil, oneLine(err)
	}
	return &Transformation{func(ctx context.Context, e *event.Event) (any, error) {
		return one(ctx, code.RunWithContext(ctx, input(e.Body), e.Source, e.Type, headers(e.Request.Header)))
	}}, nil
}

// Apply returns a copy of the event with the program's result as its body, and with
// the header fields that describe a body changed accordingly. Its error is one of
// this package's, or says in general words that the program failed; it never holds
// anything of the event.
func (t *Transformation) Apply(ctx context.Context, e *event.Event) (*event.Event, error) {
	timed, cancel := context.WithTimeout(ctx, MaxTime)
	defer cancel()
	result, err := t.run(timed, e)
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("%w: %w", ErrCancelled, context.Cause(ctx))
	case err != nil:
		return nil, err
	}
	body, err := encode(result)
	if err != nil {
		return nil, err
	}
	out := *e
	out.Body = body
	out.Request.Header = described(e.Request.Header)
	return &out, nil
}

// one returns the only result.
func one(ctx context.Context, results gojq.Iter) (any, error) {
	result, ok := results.Next()
	if !ok {
		return nil, ErrNotOne
	}
	if err, failed := result.(error); failed {
		return nil, explain(ctx, err)
	}
	switch more, ok := results.Next(); {
	case !ok:
		return result, nil
	case isError(more):
		return nil, explain(ctx, more.(error)) //nolint:forcetypeassert,errcheck // the case says so
	default:
		return nil, ErrNotOne
	}
}

func isError(v any) bool {
	_, is := v.(error)
	return is
}

// encode writes JSON as jq does: with no escapes for HTML.
func encode(result any) ([]byte, error) {
	out := &bounded{}
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	err := e.Encode(result)
	switch {
	case errors.Is(err, ErrTooLarge):
		return nil, ErrTooLarge
	case err != nil:
		return nil, errFailed
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// bounded is a buffer that refuses what exceeds the limit.
type bounded struct{ bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > MaxSize+1 { // the encoder's line break included
		return 0, ErrTooLarge
	}
	return b.Buffer.Write(p)
}
