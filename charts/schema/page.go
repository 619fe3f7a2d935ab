package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// row is a value, as the page shows it.
type row struct {
	path, kind, standard, description string
	examples                          []string
}

// addRow inserts the row of a value at an index, before those of its parts. A value with
// parts has no default of its own, and without a description no row.
func (g *generator) addRow(at int, v *ast.MappingValueNode, s schema, description string) error {
	r := row{path: strings.TrimPrefix(v.GetPath(), "$."), kind: kindOf(s), description: description}
	if len(g.rows) == at {
		standard, err := compact(v.Value)
		if err != nil {
			return fmt.Errorf("%s: %w", r.path, err)
		}
		r.standard = "`" + standard + "`"
	} else if description == "" {
		return nil
	}
	examples, _ := s["examples"].([]any)
	for _, example := range examples {
		text, err := json.Marshal(example)
		if err != nil {
			return fmt.Errorf("%s: encode the example: %w", r.path, err)
		}
		r.examples = append(r.examples, string(text))
	}
	g.rows = slices.Insert(g.rows, at, r)
	return nil
}

// compact returns a default on one line.
func compact(node ast.Node) (string, error) {
	var value any
	if err := yaml.NodeToValue(node, &value, yaml.UseOrderedMap()); err != nil {
		return "", fmt.Errorf("decode the default: %w", err)
	}
	text, err := yaml.MarshalWithOptions(value, yaml.Flow(true))
	if err != nil {
		return "", fmt.Errorf("encode the default: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// kindOf returns what a value is, in a few words.
func kindOf(s schema) string {
	if s["properties"] != nil {
		return "object"
	}
	if ref, ok := s["$ref"].(string); ok {
		return strings.TrimPrefix(ref, "#/$defs/")
	}
	if choices, ok := s["enum"].([]any); ok {
		return oneOf(choices)
	}
	if items, ok := s["items"].(map[string]any); ok {
		return "list of " + kindOf(items)
	}
	if kinds, ok := s["type"].([]any); ok {
		return oneOf(kinds)
	}
	kind, _ := s["type"].(string)
	if of, ok := s["additionalProperties"].(map[string]any); ok {
		return "map of " + kindOf(of)
	}
	return kind
}

func oneOf(choices []any) string {
	var texts []string
	for _, choice := range choices {
		if text := fmt.Sprint(choice); text != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, " or ")
}

// Between these lines of the page its tables are.
const begin, end = "<!-- values: generated from values.yaml by make generate -->\n", "<!-- end of values -->\n"

// fill returns the page with the tables of the values between its marks.
func fill(page string, rows []row) (string, error) {
	before, rest, found := strings.Cut(page, begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		return "", errors.New("the page has no marks of where the values belong")
	}
	var b strings.Builder
	for _, section := range sections(rows) {
		fmt.Fprintf(&b, "\n### %s\n\n| value | type | default | what it is |\n|---|---|---|---|\n", section)
		for _, r := range rows {
			if r.section(rows) == section {
				b.WriteString(r.line())
			}
		}
	}
	return before + begin + b.String() + "\n" + end + after, nil
}

// sections returns the headings of the tables, that of single values first.
func sections(rows []row) []string {
	names := []string{single}
	for _, r := range rows {
		if name := r.section(rows); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// single is the heading of the values without parts.
const single = "Single values"

// section returns the heading that the row is under.
func (r row) section(rows []row) string {
	top, _, _ := strings.Cut(r.path, ".")
	if slices.ContainsFunc(rows, func(other row) bool { return strings.HasPrefix(other.path, top+".") }) {
		return top
	}
	return single
}

// line returns the row of a table.
func (r row) line() string {
	text := r.description
	for _, example := range r.examples {
		text = strings.TrimSpace(text + " Example: `" + example + "`")
	}
	cell := strings.NewReplacer("|", `\|`, "\n", " ").Replace
	return fmt.Sprintf("| `%s` | %s | %s | %s |\n", r.path, cell(r.kind), cell(r.standard), cell(text))
}
