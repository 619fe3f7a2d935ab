package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "schema:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 5 {
		return fmt.Errorf("give values.yaml, the configuration's schema, the page of settings, the schema to write and the page to fill; got %d arguments", len(args))
	}
	values, err := os.ReadFile(args[0]) //nolint:gosec // the caller says which
	if err != nil {
		return fmt.Errorf("read the values: %w", err)
	}
	config, err := os.ReadFile(args[1]) //nolint:gosec // likewise
	if err != nil {
		return fmt.Errorf("read the configuration's schema: %w", err)
	}
	page, err := os.ReadFile(args[2]) //nolint:gosec // likewise
	if err != nil {
		return fmt.Errorf("read the page of settings: %w", err)
	}
	schema, rows, err := generate(values, config, settingNames(page))
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	text, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the schema: %w", err)
	}
	if err := os.WriteFile(args[3], append(text, '\n'), 0o644); err != nil { //nolint:gosec // everybody may read it
		return fmt.Errorf("write the schema: %w", err)
	}
	return writePage(args[4], rows)
}

// writePage fills the page of values.
func writePage(path string, rows []row) error {
	page, err := os.ReadFile(path) //nolint:gosec // the caller says which
	if err != nil {
		return fmt.Errorf("read the page: %w", err)
	}
	filled, err := fill(string(page), rows)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := os.WriteFile(path, []byte(filled), 0o644); err != nil { //nolint:gosec // everybody may read it
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}
