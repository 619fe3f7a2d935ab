package docs_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/config"
)

// schema is what the page needs of a JSON Schema.
type schema struct {
	Ref         string             `json:"$ref"`
	Defs        map[string]*schema `json:"$defs"`
	Type        any                `json:"type"`
	Description string             `json:"description"`
	Default     json.RawMessage    `json:"default"`
	Enum        []any              `json:"enum"`
	Items       *schema            `json:"items"`
	OneOf       []*schema          `json:"oneOf"`
	AnyOf       []*schema          `json:"anyOf"`
	Properties  map[string]*schema `json:"properties"`
	Additional  json.RawMessage    `json:"additionalProperties"`
}

const configurationHead = `# Configuration

The configuration file is YAML, and strict: an unknown key, a wrong value or a dangling reference is an error with its line
and column, and all of them are reported at once. It is read again when it changes; a wrong change is refused, and the last
good one stays in force. This page is made from [its JSON Schema](penstock.schema.json), with which editors complete it.

` + "`penstock config example`" + ` prints a file with every key; ` + "`penstock config check FILE`" + ` checks one. Secrets are never written in
it: ` + "`${NAME}`" + ` is an environment variable of the process, alone or within other text, and ` + "`file:/path`" + ` a file, read again when it
changes. Durations are written ` + "`500ms`, `10s`, `1h30m`, `7d`; sizes `512KiB`, `5MiB`; rates `100/s`, `10/m`" + `.

The process's own surroundings, such as the broker and certificates, are [settings](settings.md).
`

func TestThePageOfTheConfigurationIsTheSchema(t *testing.T) {
	t.Parallel()
	var s schema
	require.NoError(t, json.Unmarshal(config.Schema(), &s))
	var want strings.Builder
	want.WriteString(configurationHead)
	section(&want, "The file", s.Properties)
	first := []string{"Source", "Dedup", "Destination", "Signing", "Route", "Retry", "Ordering", "Transform", "Method"}
	rest := slices.DeleteFunc(slices.Sorted(maps.Keys(s.Defs)), func(name string) bool { return slices.Contains(first, name) })
	for _, name := range append(first, rest...) {
		require.Contains(t, s.Defs, name)
		section(&want, name, s.Defs[name].Properties)
	}
	requirePage(t, "docs/reference/configuration.md", want.String())
}

func section(out *strings.Builder, title string, keys map[string]*schema) {
	fmt.Fprintf(out, "\n## %s\n\n| key | kind | default | what it says |\n|---|---|---|---|\n", title)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		k := keys[key]
		standard := ""
		if k.Default != nil {
			standard = "`" + strings.Trim(strings.Join(strings.Fields(string(k.Default)), ""), `"`) + "`"
		}
		fmt.Fprintf(out, "| `%s` | %s | %s | %s |\n", key, k.kind(), standard, cell(k.Description))
	}
}

// kind says in words what may stand there.
func (s *schema) kind() string {
	var additional schema
	switch name := strings.TrimPrefix(s.Ref, "#/$defs/"); {
	case s.Ref != "":
		return fmt.Sprintf("[%s](#%s)", name, strings.ToLower(name))
	case len(s.Enum) > 10:
		return "one of many" // the providers, which have a page of their own
	case len(s.Enum) > 0:
		words := make([]string, 0, len(s.Enum))
		for _, word := range s.Enum {
			words = append(words, fmt.Sprintf("`%v`", word))
		}
		return strings.Join(words, " or ")
	case len(s.OneOf)+len(s.AnyOf) > 0:
		return alternatives(append(s.OneOf, s.AnyOf...))
	case s.Items != nil:
		return "list of " + s.Items.kind()
	case json.Unmarshal(s.Additional, &additional) == nil && (additional.Ref != "" || additional.Type != nil):
		return "names, each with " + additional.kind()
	case s.Type == "string":
		return "text"
	default:
		return fmt.Sprint(s.Type)
	}
}

func alternatives(of []*schema) string {
	kinds := make([]string, 0, len(of))
	for _, s := range of {
		kinds = append(kinds, s.kind())
	}
	return strings.Join(kinds, " or ")
}
