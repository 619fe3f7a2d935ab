package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const refPrefix = "#/definitions/"

// definitions are those of Kubernetes' OpenAPI document, version 2.
type definitions map[string]map[string]any

// builtIn writes the schemas of the kinds of Kubernetes itself.
func builtIn(ctx context.Context, into string) error {
	dir, err := folder(ctx, kubernetes)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(dir, "api", "openapi-spec", "swagger.json")) //nolint:gosec // of the module
	if err != nil {
		return fmt.Errorf("read Kubernetes' API: %w", err)
	}
	var api struct {
		Definitions definitions `json:"definitions"`
	}
	if err := json.Unmarshal(text, &api); err != nil {
		return fmt.Errorf("decode Kubernetes' API: %w", err)
	}
	api.Definitions.loosen()
	for name, definition := range api.Definitions {
		strict(definition)
		kinds, _ := definition["x-kubernetes-group-version-kind"].([]any)
		if len(kinds) != 1 || strings.HasSuffix(name, "List") {
			continue
		}
		kind, _ := kinds[0].(map[string]any)
		needed := definitions{}
		api.Definitions.collect(definition, needed)
		schema := map[string]any{"$ref": refPrefix + name, "definitions": needed}
		needed[name] = definition
		if err := write(into, fmt.Sprint(kind["group"]), fmt.Sprint(kind["version"]), fmt.Sprint(kind["kind"]), schema); err != nil {
			return err
		}
	}
	return nil
}

// loosen allows what the document says only in its formats: numbers as quantities and
// ports by name.
func (all definitions) loosen() {
	for _, name := range []string{"io.k8s.apimachinery.pkg.api.resource.Quantity", "io.k8s.apimachinery.pkg.util.intstr.IntOrString"} {
		all[name] = map[string]any{"type": []string{"string", "number"}}
	}
}

// collect puts into needed what the schema refers to, and what that refers to.
func (all definitions) collect(node any, needed definitions) {
	switch n := node.(type) {
	case map[string]any:
		if ref, ok := n["$ref"].(string); ok {
			name := strings.TrimPrefix(ref, refPrefix)
			if _, seen := needed[name]; !seen {
				needed[name] = all[name]
				all.collect(all[name], needed)
			}
		}
		for _, value := range n {
			all.collect(value, needed)
		}
	case []any:
		for _, value := range n {
			all.collect(value, needed)
		}
	}
}

// strict refuses fields that an object does not describe.
func strict(node any) {
	switch n := node.(type) {
	case map[string]any:
		_, described := n["properties"].(map[string]any)
		_, said := n["additionalProperties"]
		if described && !said && n["x-kubernetes-preserve-unknown-fields"] != true {
			n["additionalProperties"] = false
		}
		for _, value := range n {
			strict(value)
		}
	case []any:
		for _, value := range n {
			strict(value)
		}
	}
}
