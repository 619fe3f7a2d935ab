package settings

import (
	"fmt"
	"io"
	"reflect"
	"strings"
	"text/tabwriter"
	"unicode"
)

// Usage writes one line for each setting of spec, a pointer to a struct: the
// variable, its default, and what it is for. It is what --help prints.
func Usage(w io.Writer, spec any) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	usage(tw, reflect.TypeOf(spec).Elem())
	if err := tw.Flush(); err != nil {
		return fmt.Errorf("print the settings: %w", err)
	}
	return nil
}

func usage(w io.Writer, s reflect.Type) {
	for field := range s.Fields() {
		if field.Anonymous {
			usage(w, field.Type)
			continue
		}
		if !field.IsExported() {
			continue
		}
		_, _ = fmt.Fprintf(w, "  %s\t%s\t%s\n", Variable(field), field.Tag.Get("default"), field.Tag.Get("desc"))
		if mayBeFile(field) {
			_, _ = fmt.Fprintf(w, "  %s\t\ta file to read it from instead\n", Variable(field)+fileSuffix)
		}
	}
}

// Variable returns the environment variable that envconfig reads the field from.
func Variable(field reflect.StructField) string {
	name := field.Tag.Get("envconfig")
	if name == "" {
		name = field.Name
		if field.Tag.Get("split_words") == "true" {
			name = splitWords(name)
		}
	}
	return Prefix + "_" + strings.ToUpper(name)
}

// splitWords puts "_" where a lower-case letter meets an upper-case one, and
// where an acronym ends: TLSMode is TLS_Mode.
func splitWords(name string) string {
	var out []rune
	runes := []rune(name)
	for i, r := range runes {
		startsWord := i > 0 && unicode.IsUpper(r) &&
			(unicode.IsLower(runes[i-1]) || (i+1 < len(runes) && unicode.IsLower(runes[i+1])))
		if startsWord {
			out = append(out, '_')
		}
		out = append(out, r)
	}
	return string(out)
}
