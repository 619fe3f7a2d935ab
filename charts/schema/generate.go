package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// schema is a JSON Schema.
type schema map[string]any

// generator walks through the values file.
type generator struct {
	config schema // of the configuration file
	defs   schema
	names  []string // of the settings
	rows   []row    // of the page of values
}

// generate returns the schema of the values, which embeds that of the configuration, and
// the rows of the page of values.
func generate(values, config []byte, names []string) (schema, []row, error) {
	g := &generator{defs: schema{}, names: names}
	if err := json.Unmarshal(config, &g.config); err != nil {
		return nil, nil, fmt.Errorf("decode the configuration's schema: %w", err)
	}
	if defs, ok := g.config["$defs"].(map[string]any); ok {
		maps.Copy(g.defs, defs)
	}
	for _, key := range []string{"$defs", "$id", "$schema", "title"} {
		delete(g.config, key)
	}
	file, err := parser.ParseBytes(values, parser.ParseComments)
	if err != nil {
		return nil, nil, fmt.Errorf("parse: %w", err)
	}
	root, err := g.infer(file.Docs[0].Body)
	if err != nil {
		return nil, nil, err
	}
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$defs"] = g.defs
	return root, g.rows, nil
}

// inferUnless is infer, unless the keywords say it all: the default of an object with any keys
// is an example, and other types are as good.
func (g *generator) inferUnless(keywords schema, node ast.Node) (schema, error) {
	if _, elsewhere := keywords["$ref"]; elsewhere {
		return schema{}, nil
	}
	if free, ok := keywords["additionalProperties"].(bool); ok && free {
		return schema{"type": "object"}, nil
	}
	return g.infer(node)
}

// infer returns the schema of a value that has the type of node.
func (g *generator) infer(node ast.Node) (schema, error) {
	switch n := node.(type) {
	case *ast.MappingNode:
		return g.object(n.Values)
	case *ast.MappingValueNode:
		return g.object([]*ast.MappingValueNode{n})
	case *ast.SequenceNode:
		return schema{"type": "array"}, nil
	case *ast.StringNode, *ast.LiteralNode:
		return schema{"type": "string"}, nil
	case *ast.IntegerNode:
		return schema{"type": "integer"}, nil
	case *ast.BoolNode:
		return schema{"type": "boolean"}, nil
	case *ast.NullNode:
		return schema{}, nil
	default:
		return nil, fmt.Errorf("%s: no type for %s", node.GetPath(), node.Type())
	}
}

func (g *generator) object(values []*ast.MappingValueNode) (schema, error) {
	properties := schema{}
	for _, v := range values {
		property, err := g.property(v)
		if err != nil {
			return nil, err
		}
		properties[v.Key.GetToken().Value] = property
	}
	s := schema{"type": "object", "additionalProperties": false}
	if len(properties) > 0 {
		s["properties"] = properties
	}
	return s, nil
}

func (g *generator) property(v *ast.MappingValueNode) (schema, error) {
	description, keywords, err := comment(v)
	if err != nil {
		return nil, err
	}
	at := len(g.rows)
	s, err := g.inferUnless(keywords, v.Value)
	if err != nil {
		return nil, err
	}
	if _, ours := keywords["config"]; ours {
		s, keywords = maps.Clone(g.config), schema{}
		g.rows = g.rows[:at] // the page of the configuration has them
	}
	name, def := keywords["def"].(string)
	delete(keywords, "def")
	if _, ours := keywords["settings"]; ours {
		delete(keywords, "settings")
		s["propertyNames"] = schema{"anyOf": []schema{{"not": schema{"pattern": "^PENSTOCK_"}}, {"enum": g.names}}}
	}
	maps.Copy(s, keywords)
	if s["type"] == "array" && s["items"] == nil {
		return nil, fmt.Errorf("%s: say what a list has: # @schema {items: …}", v.Key.GetPath())
	}
	if err := g.addRow(at, v, s, description); err != nil {
		return nil, err
	}
	if def {
		g.defs[name] = s
		s = schema{"$ref": "#/$defs/" + name}
	}
	if description != "" {
		s["description"] = description
	}
	return s, nil
}

// comment splits what stands above a key into a description and keywords.
func comment(v *ast.MappingValueNode) (description string, keywords schema, err error) {
	keywords = schema{}
	group := v.GetComment()
	if group == nil {
		return "", keywords, nil
	}
	var lines []string
	last := 0
	for _, c := range group.Comments {
		text := strings.TrimSpace(c.Token.Value)
		if c.Token.Position.Line > last+1 {
			lines = nil // an empty line ends what is about the whole file
		}
		last = c.Token.Position.Line
		if given, ok := strings.CutPrefix(text, "@schema "); ok {
			if err := yaml.Unmarshal([]byte(given), &keywords); err != nil {
				return "", nil, fmt.Errorf("%s: @schema: %w", v.Key.GetPath(), err)
			}
			continue
		}
		lines = append(lines, text)
	}
	return strings.TrimSpace(strings.Join(lines, " ")), keywords, nil
}
