package template

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/expression"
)

// Template is a compiled template. It is safe for concurrent use.
type Template struct{ parts []part }

// part is a text, or an expression.
type part struct {
	text  string
	value *expression.Expression // nil: the text
}

// Escape makes a value fit for its place, or refuses it. Its error holds nothing of the value.
type Escape func(value string) (string, error)

// Compile checks and compiles a template. The error is one line.
func Compile(text string) (*Template, error) {
	t := new(Template)
	for text != "" {
		before, rest, found := strings.Cut(text, "{")
		if strings.Contains(before, "}") {
			return nil, errors.New(`there is a } without a {; a brace that is meant is written {"}"}`)
		}
		if before != "" {
			t.parts = append(t.parts, part{text: before})
		}
		if !found {
			break
		}
		end := endOf(rest)
		if end < 0 {
			return nil, errors.New(`there is a { without a }; a brace that is meant is written {"{"}`)
		}
		value, err := compileValue(rest[:end])
		if err != nil {
			return nil, fmt.Errorf("{%s}: %w", rest[:end], err)
		}
		t.parts = append(t.parts, part{value: value})
		text = rest[end+1:]
	}
	return t, nil
}

func compileValue(text string) (*expression.Expression, error) {
	if strings.TrimSpace(text) == "" {
		return nil, errors.New("there is no expression")
	}
	x, err := expression.Compile(text)
	if err != nil {
		return nil, err
	}
	if !expression.IsTextual(x.Output()) {
		return nil, fmt.Errorf("the result must be text, a number or a truth value, it is a %s", x.Output())
	}
	return x, nil
}

// endOf returns where the brace is that ends an expression: not within quotes, nor within
// braces of the expression's own; -1 when there is none.
func endOf(text string) int {
	depth, quote := 0, byte(0)
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quote != 0 && c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '{':
			depth++
		case c == '}' && depth == 0:
			return i
		case c == '}':
			depth--
		}
	}
	return -1
}

// Shape returns the template with the same value for each expression.
func (t *Template) Shape(value string) string {
	var out strings.Builder
	for _, p := range t.parts {
		if p.value == nil {
			out.WriteString(p.text)
		} else {
			out.WriteString(value)
		}
	}
	return out.String()
}

var errNoValue = errors.New("an expression of the template has no value")

// Fill puts the values of an event into the template, each through the escape. It fails as
// [expression.Expression.Eval] does, and when the escape refuses a value. The error never holds
// anything of the event.
func (t *Template) Fill(ctx context.Context, e *event.Event, escape Escape) (text string, present bool, err error) {
	var out strings.Builder
	for _, p := range t.parts {
		if p.value == nil {
			out.WriteString(p.text)
			continue
		}
		value, has, err := p.evaluate(ctx, e)
		switch {
		case err != nil:
			return "", false, err
		case !has && len(t.parts) == 1:
			return "", false, nil
		case !has:
			return "", false, errNoValue
		}
		if value, err = escape(value); err != nil {
			return "", false, err
		}
		out.WriteString(value)
	}
	return out.String(), true, nil
}

func (p part) evaluate(ctx context.Context, e *event.Event) (value string, has bool, err error) {
	out, err := p.value.Eval(ctx, e)
	if err != nil {
		return "", false, err
	}
	return expression.Text(out)
}
