package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/goccy/go-yaml"
)

// definition is the part of a CustomResourceDefinition that holds schemas.
type definition struct {
	Kind string
	Spec struct {
		Group    string
		Names    struct{ Kind string }
		Versions []struct {
			Name   string
			Schema struct {
				OpenAPIV3Schema map[string]any `yaml:"openAPIV3Schema"`
			}
		}
	}
}

// custom writes the schemas of the custom resources in a module.
func custom(ctx context.Context, into, module string, patterns []string) error {
	dir, err := folder(ctx, module)
	if err != nil {
		return err
	}
	for _, pattern := range patterns {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil || len(files) == 0 {
			return fmt.Errorf("%s has no %s", module, pattern)
		}
		for _, file := range files {
			if err := definitionsIn(into, file); err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	return nil
}

func definitionsIn(into, file string) error {
	text, err := os.ReadFile(file) //nolint:gosec // of a module
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var d definition
		err := decoder.Decode(&d)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("decode: %w", err)
		}
		if err := d.write(into); err != nil {
			return err
		}
	}
}

func (d *definition) write(into string) error {
	if d.Kind != "CustomResourceDefinition" {
		return nil
	}
	for _, version := range d.Spec.Versions {
		schema := version.Schema.OpenAPIV3Schema
		strict(schema)
		if properties, ok := schema["properties"].(map[string]any); ok {
			properties["metadata"] = map[string]any{"type": "object"}
			properties["apiVersion"] = map[string]any{"type": "string"} // some leave out what every object has
			properties["kind"] = map[string]any{"type": "string"}
		}
		if err := write(into, d.Spec.Group, version.Name, d.Spec.Names.Kind, schema); err != nil {
			return err
		}
	}
	return nil
}
