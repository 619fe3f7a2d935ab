package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/visible"
)

// The formats of --output.
const (
	formatTable = "table"
	formatJSON  = "json"
	formatYAML  = "yaml"
)

// format is the flag --output of commands that print data.
type format struct{ name string }

// register adds the flag, and refuses a format that there is not before c runs.
func (f *format) register(c *cobra.Command) {
	c.Flags().StringVarP(&f.name, "output", "o", formatTable, "`format`: table for people, json or yaml for programs")
	names := cobra.FixedCompletions([]string{formatTable, formatJSON, formatYAML}, cobra.ShellCompDirectiveNoFileComp)
	_ = c.RegisterFlagCompletionFunc("output", names) // fails only for a flag that is not there
	c.PreRunE = func(*cobra.Command, []string) error { return f.check() }
}

// isTable reports whether people are to read it.
func (f *format) isTable() bool { return f.name == formatTable }

// write writes data as JSON or YAML, or calls plain.
func (f *format) write(w io.Writer, data any, plain func() error) error {
	switch f.name {
	case formatJSON:
		return writeJSON(w, data, "  ")
	case formatYAML:
		return writeYAML(w, data)
	default:
		return plain()
	}
}

// writeJSON writes data as JSON and a line feed, without a character that would steer a
// terminal. An empty indent keeps it on one line.
func writeJSON(w io.Writer, data any, indent string) error {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetIndent("", indent)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(data); err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	_, err := w.Write(visible.JSON(out.Bytes()))
	return err
}

// writeYAML goes through JSON, so that both formats have the same names. What would steer a
// terminal is written as JSON, which is YAML too, and can escape it.
func writeYAML(w io.Writer, data any) error {
	raw, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	out, err := yaml.JSONToYAML(raw)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if visible.Any(string(out)) {
		return writeJSON(w, data, "  ")
	}
	_, err = w.Write(out)
	return err
}

// check refuses a format that there is not.
func (f *format) check() error {
	switch f.name {
	case formatTable, formatJSON, formatYAML:
		return nil
	default:
		return usage("--output %s: not table, json or yaml", f.name)
	}
}

// fields writes name and value pairs, the names padded to one width. Pairs
// without a value are left out.
func fields(w io.Writer, style terminal.Style, pairs [][2]string) error {
	for i := range pairs {
		pairs[i][1] = terminal.Safe(pairs[i][1])
	}
	return rawFields(w, style, pairs)
}

// rawFields is fields for values that are safe, and may have colours.
func rawFields(w io.Writer, style terminal.Style, pairs [][2]string) error {
	width := 0
	for _, p := range pairs {
		width = max(width, len(p[0]))
	}
	var b strings.Builder
	for _, p := range pairs {
		if p[1] != "" {
			value := strings.ReplaceAll(p[1], "\n", "\n"+strings.Repeat(" ", width+2))
			b.WriteString(style.Faint(p[0]) + strings.Repeat(" ", width-len(p[0])+2) + value + "\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
