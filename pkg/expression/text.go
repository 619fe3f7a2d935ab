package expression

import (
	"errors"
	"slices"
	"strconv"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// IsTextual reports whether Text can take a result of this type, as far as it is known.
func IsTextual(t *cel.Type) bool {
	if optional := t.Parameters(); t.TypeName() == "optional_type" && len(optional) == 1 {
		t = optional[0]
	}
	return slices.ContainsFunc([]*cel.Type{
		cel.DynType, cel.StringType, cel.IntType, cel.UintType, cel.DoubleType, cel.BoolType,
	}, t.IsExactType)
}

// errNoText says nothing of what the result was.
var errNoText = errors.New("the result is neither text nor a number nor a truth value")

// Text returns a result as text, and whether there is a value: null and an absent optional are
// none.
func Text(v ref.Val) (text string, has bool, err error) {
	switch v := v.(type) {
	case *types.Optional:
		if !v.HasValue() {
			return "", false, nil
		}
		return Text(v.GetValue())
	case types.Null:
		return "", false, nil
	case types.String:
		return string(v), true, nil
	case types.Int:
		return strconv.FormatInt(int64(v), 10), true, nil
	case types.Uint:
		return strconv.FormatUint(uint64(v), 10), true, nil
	case types.Double:
		return strconv.FormatFloat(float64(v), 'g', -1, 64), true, nil
	case types.Bool:
		return strconv.FormatBool(bool(v)), true, nil
	default:
		return "", false, errNoText
	}
}
