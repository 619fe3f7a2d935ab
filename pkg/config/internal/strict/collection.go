package strict

import (
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/penstock/penstock/pkg/nearest"
)

// structure decodes a mapping whose keys are the yaml names of v's fields.
func (d *decoder) structure(n ast.Node, path string, v reflect.Value) {
	fields := fieldsOf(v.Type())
	d.entries(n, path, func(key string, at Position, value ast.Node) {
		i, known := fields[key]
		if !known {
			d.addf(at, Key(path, key), "%s", unknown(key, fields))
			return
		}
		d.value(value, Key(path, key), v.FieldByIndex(i))
	})
}

func unknown(key string, fields map[string][]int) string {
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	if near := nearest.DidYouMean(key, names); near != "" {
		return "unknown key" + near
	}
	return "unknown key; known here: " + strings.Join(names, ", ")
}

// fieldsOf maps the yaml name of each field of a struct type to its index.
func fieldsOf(t reflect.Type) map[string][]int {
	fields := map[string][]int{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if f.IsExported() && name != "" && name != "-" {
			fields[name] = f.Index
		}
	}
	return fields
}

// table decodes a mapping into a map by text.
func (d *decoder) table(n ast.Node, path string, v reflect.Value) {
	v.Set(reflect.MakeMap(v.Type()))
	d.entries(n, path, func(key string, _ Position, value ast.Node) {
		elem := reflect.New(v.Type().Elem()).Elem()
		d.value(value, Key(path, key), elem)
		v.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), elem)
	})
}

// entries calls each for every entry of a mapping but the repeated ones. Nothing
// at all in place of a mapping is one without entries.
func (d *decoder) entries(n ast.Node, path string, each func(key string, at Position, value ast.Node)) {
	if n.Type() == ast.NullType {
		return
	}
	m, ok := n.(ast.MapNode)
	if !ok {
		d.mismatch(n, path, "a mapping of keys to values")
		return
	}
	first := map[string]Position{}
	for it := m.MapRange(); it.Next(); {
		key, ok := d.key(it.Key(), path)
		if !ok {
			continue
		}
		at := position(it.Key())
		if before, repeated := first[key]; repeated {
			d.addf(at, Key(path, key), "the key is there twice, first on line %d", before.Line)
			continue
		}
		first[key] = at
		d.places[Key(path, key)] = d.entryPlace(at, it.Value())
		each(key, at, it.Value())
	}
}

// entryPlace is where the problems of an entry are shown: at a scalar itself, but
// at the key of anything longer.
func (d *decoder) entryPlace(key Position, value ast.Node) Position {
	switch value.(type) {
	case ast.MapNode, ast.ArrayNode, *ast.NullNode, *ast.AnchorNode:
		return key
	default:
		return position(value)
	}
}

// key returns the text of a mapping's key.
func (d *decoder) key(n ast.Node, path string) (string, bool) {
	if mark, ok := n.(*ast.MappingKeyNode); ok { // "? key"
		n = mark.Value
	}
	if anchor, ok := n.(*ast.AnchorNode); ok { // "&a key: value" anchors the key
		n = anchor.Value
	}
	switch k := n.(type) {
	case *ast.MergeKeyNode:
		d.addf(position(n), path, "merge keys (<<) are not supported")
	case *ast.StringNode:
		return k.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
		return k.GetToken().Value, true
	default:
		d.addf(position(n), path, "a key must be plain text")
	}
	return "", false
}

// list decodes a sequence into a slice.
func (d *decoder) list(n ast.Node, path string, v reflect.Value) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		d.mismatch(n, path, "a list")
		return
	}
	items := reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values))
	for i, item := range seq.Values {
		d.places[Index(path, i)] = position(item)
		d.value(item, Index(path, i), items.Index(i))
	}
	v.Set(items)
}
