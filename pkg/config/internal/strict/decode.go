package strict

import (
	"encoding"
	"fmt"
	"reflect"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Limits on what a hostile or broken file can make the decoder do. Aliases of
// aliases multiply, so decoded values are counted, not bytes.
const (
	maxValues  = 100_000
	maxDepth   = 40
	maxAliases = 100
)

// Options adapt the decoder to its target.
type Options struct {
	// Starts holds, for a struct type, the value that the file's keys are laid over: its defaults.
	Starts map[reflect.Type]any
	// Texts holds, for a type, how it is read from a text at a path. The error becomes the problem,
	// and nothing of the text is quoted otherwise.
	Texts map[reflect.Type]func(path, text string) (any, error)
}

// Decode lays the document over target, a pointer to a struct, and reports all
// that is wrong with it. What could be decoded is set even so.
func Decode(data []byte, target any, o Options) *Document {
	d := &decoder{
		Options:  o,
		Document: &Document{places: map[string]Position{}},
		anchors:  anchors{},
		max:      maxValues,
		within:   map[ast.Node]bool{},
	}
	if body := d.parse(data); body != nil {
		ast.Walk(d.anchors, body)
		d.places[""] = position(body)
		d.value(body, "", reflect.ValueOf(target).Elem())
	}
	return d.Document
}

type decoder struct {
	Options
	*Document
	anchors anchors
	max     int               // how many more values are decoded
	depth   int               // of the value that is decoded
	within  map[ast.Node]bool // what is being decoded: an alias of it would never end
}

func (d *decoder) addf(at Position, path, format string, args ...any) {
	d.Add(Problem{Position: at, Path: path, Text: fmt.Sprintf(format, args...)})
}

// value decodes one node into v, whatever that is.
func (d *decoder) value(n ast.Node, path string, v reflect.Value) {
	if !d.enter(n, path) {
		return
	}
	defer func() { d.depth-- }()
	if n = d.resolve(n, path); n == nil {
		return
	}
	d.within[n] = true
	defer delete(d.within, n)
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		d.value(n, path, v.Elem())
		return
	}
	if start, ok := d.Starts[v.Type()]; ok {
		v.Set(reflect.ValueOf(start))
	}
	if !d.special(n, path, v) {
		d.plain(n, path, v)
	}
}

// enter counts a value and its depth, and reports whether the limits allow it.
func (d *decoder) enter(n ast.Node, path string) bool {
	d.max--
	switch {
	case d.full():
	case d.max == -1:
		d.addf(position(n), path, "the file holds too many values")
	case d.max >= 0 && d.depth == maxDepth:
		d.addf(position(n), path, "the file is nested too deeply")
	case d.max >= 0:
		d.depth++
		return true
	}
	return false
}

// special decodes the types that say themselves how they are read.
func (d *decoder) special(n ast.Node, path string, v reflect.Value) bool {
	if read, ok := d.Texts[v.Type()]; ok {
		d.text(n, path, func(text string) error {
			got, err := read(path, text)
			if err == nil {
				v.Set(reflect.ValueOf(got))
			}
			return err
		})
		return true
	}
	if into, ok := reflect.TypeAssert[encoding.TextUnmarshaler](v.Addr()); ok && !shortOrLong(n, v) {
		d.unmarshalText(n, path, into)
		return true
	}
	if text, ok := textOf(n); ok && oneOrMany(v) {
		v.Set(reflect.Append(v, reflect.ValueOf(text)))
		return true
	}
	return false
}

// oneOrMany reports whether v is a list of texts with a way of its own to be read
// from YAML. By convention such a type takes a single text, too.
func oneOrMany(v reflect.Value) bool {
	_, own := reflect.TypeAssert[yaml.InterfaceUnmarshaler](v.Addr())
	return own && v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.String
}

// shortOrLong reports whether v can be read from a text, and from a mapping, too, and this
// is the mapping.
func shortOrLong(n ast.Node, v reflect.Value) bool {
	_, mapping := n.(ast.MapNode)
	return mapping && v.Kind() == reflect.Struct && len(fieldsOf(v.Type())) > 0
}

func (d *decoder) plain(n ast.Node, path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		d.structure(n, path, v)
	case reflect.Map:
		d.table(n, path, v)
	case reflect.Slice:
		d.list(n, path, v)
	default:
		d.scalar(n, path, v)
	}
}
