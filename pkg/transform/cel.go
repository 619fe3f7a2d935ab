package transform

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/expression"
	"github.com/penstock/penstock/pkg/fault"
)

// ErrNotJSON is the error of an expression whose result JSON cannot hold.
var ErrNotJSON = errors.New("the result of the transformation is no JSON: a map whose keys are not text, an infinite number, or another kind of value")

// CompileCEL checks and compiles a CEL expression, as package expression has it. The
// error is one line.
func CompileCEL(program string) (*Transformation, error) {
	x, err := expression.Compile(program)
	if err != nil {
		return nil, err
	}
	return &Transformation{x.ReadsBody(), func(ctx context.Context, e *event.Event) (any, error) {
		out, err := x.Eval(ctx, e)
		switch {
		case errors.Is(err, expression.ErrTooCostly):
			return nil, ErrTooCostly
		case fault.ReasonOf(err) == fault.ReasonUnreadable:
			return nil, err
		case err != nil:
			return nil, fmt.Errorf("%w: %w", errFailed, err)
		}
		left := maxValues
		return native(out, &left)
	}}, nil
}

// maxValues is how many values the result may hold. Written out, each takes a byte and a
// comma at least.
const maxValues = MaxSize / 2

// native returns what encoding/json writes as the JSON of v. Of what it may hold left
// is left.
func native(v ref.Val, left *int) (any, error) {
	if *left--; *left < 0 {
		return nil, ErrTooLarge
	}
	switch v := v.(type) {
	case types.Null:
		return nil, nil //nolint:nilnil // this is what JSON's null is
	case types.Bool, types.Int, types.Uint, types.String:
		return v.Value(), nil
	case types.Double:
		if math.IsInf(float64(v), 0) || math.IsNaN(float64(v)) {
			return nil, ErrNotJSON
		}
		return float64(v), nil
	case types.Bytes:
		return base64.StdEncoding.EncodeToString(v), nil
	case types.Timestamp:
		return v.Format(time.RFC3339Nano), nil
	case types.Duration:
		return v.String(), nil
	case traits.Mapper:
		return object(v, left)
	case traits.Lister:
		return list(v, left)
	default:
		return nil, ErrNotJSON
	}
}

func object(m traits.Mapper, left *int) (any, error) {
	if part, of := m.Value().(map[string]any); of { // a part of the body, as it is
		return part, nil
	}
	out := map[string]any{}
	for it := m.Iterator(); it.HasNext() == types.True; {
		key := it.Next()
		name, ok := key.(types.String)
		if !ok {
			return nil, ErrNotJSON
		}
		value, err := native(m.Get(key), left)
		if err != nil {
			return nil, err
		}
		out[string(name)] = value
	}
	return out, nil
}

func list(l traits.Lister, left *int) (any, error) {
	out := []any{}
	for it := l.Iterator(); it.HasNext() == types.True; {
		value, err := native(it.Next(), left)
		if err != nil {
			return nil, err
		}
		out = append(out, value)
	}
	return out, nil
}
