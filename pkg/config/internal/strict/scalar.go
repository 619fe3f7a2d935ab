package strict

import (
	"encoding"
	"errors"
	"math"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// scalar decodes a text, number or truth value by the kind of v.
func (d *decoder) scalar(n ast.Node, path string, v reflect.Value) {
	switch {
	case v.Kind() == reflect.String:
		d.text(n, path, func(text string) error { v.SetString(text); return nil })
	case v.Kind() == reflect.Bool:
		d.truth(n, path, v)
	case v.CanInt():
		d.integer(n, path, v)
	case v.CanFloat():
		d.float(n, path, v)
	default:
		d.mismatch(n, path, "nothing") // the target has a type that no file can fill
	}
}

// text passes a text to set, whose error becomes the problem.
func (d *decoder) text(n ast.Node, path string, set func(string) error) {
	text, ok := textOf(n)
	if !ok {
		d.mismatch(n, path, "text")
		return
	}
	if err := set(text); err != nil {
		d.addf(position(n), path, "%s", oneLine(err))
	}
}

func textOf(n ast.Node) (string, bool) {
	switch s := n.(type) {
	case *ast.StringNode:
		return s.Value, true
	case *ast.LiteralNode:
		return s.Value.Value, true
	default:
		return "", false
	}
}

// unmarshalText reads numbers too, as they are written: sizes and such need no quotes.
func (d *decoder) unmarshalText(n ast.Node, path string, into encoding.TextUnmarshaler) {
	text, ok := textOf(n)
	switch n.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		text, ok = n.GetToken().Value, true
	}
	if !ok {
		d.mismatch(n, path, "text")
		return
	}
	if err := into.UnmarshalText([]byte(text)); err != nil {
		d.addf(position(n), path, "%s", oneLine(err))
	}
}

func (d *decoder) truth(n ast.Node, path string, v reflect.Value) {
	b, ok := n.(*ast.BoolNode)
	if !ok {
		d.mismatch(n, path, "true or false")
		return
	}
	v.SetBool(b.Value)
}

func (d *decoder) integer(n ast.Node, path string, v reflect.Value) {
	number, ok := n.(*ast.IntegerNode)
	if !ok {
		d.mismatch(n, path, "a whole number")
		return
	}
	i, err := whole(number)
	if err != nil || v.OverflowInt(i) {
		d.addf(position(n), path, "the number is too large")
		return
	}
	v.SetInt(i)
}

func whole(n *ast.IntegerNode) (int64, error) {
	switch i := n.Value.(type) {
	case int64:
		return i, nil
	case uint64:
		if i <= math.MaxInt64 {
			return int64(i), nil
		}
	}
	return 0, errors.New("out of range")
}

func (d *decoder) float(n ast.Node, path string, v reflect.Value) {
	switch number := n.(type) {
	case *ast.FloatNode:
		v.SetFloat(number.Value)
	case *ast.IntegerNode:
		i, err := whole(number)
		if err != nil {
			d.addf(position(n), path, "the number is too large")
			return
		}
		v.SetFloat(float64(i))
	default:
		d.mismatch(n, path, "a number")
	}
}

// mismatch reports the kind of value that was found, and never the value.
func (d *decoder) mismatch(n ast.Node, path, want string) {
	found := kind(n)
	hint := ""
	if want == "text" && (found == "a number" || found == "true or false") {
		hint = "; put it in quotes"
	}
	at := position(n)
	if p, ok := d.places[path]; ok {
		at = p
	}
	d.addf(at, path, "expected %s, found %s%s", want, found, hint)
}

func kind(n ast.Node) string {
	switch n.(type) {
	case *ast.StringNode, *ast.LiteralNode:
		return "text"
	case *ast.IntegerNode, *ast.FloatNode:
		return "a number"
	case *ast.InfinityNode, *ast.NanNode:
		return "a number that is not finite"
	case *ast.BoolNode:
		return "true or false"
	case *ast.NullNode:
		return "no value"
	case ast.MapNode:
		return "a mapping"
	case ast.ArrayNode:
		return "a list"
	default:
		return "something else"
	}
}

func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
