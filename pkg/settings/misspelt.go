package settings

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/nearest"
)

// Misspelt returns a warning for each variable of an environment, as os.Environ returns it, that is
// no setting of spec, a pointer to a struct, and is nearly one. Others may be those of another
// process, or what the configuration names. No value is quoted.
func Misspelt(spec any, environ []string) (warnings []string) {
	known := names(reflect.TypeOf(spec).Elem())
	for _, variable := range environ {
		name, _, _ := strings.Cut(variable, "=")
		short, ours := strings.CutPrefix(name, Prefix+"_")
		if !ours || slices.Contains(known, short) {
			continue
		}
		if meant := nearest.Name(short, known); meant != "" && !isSet(Prefix+"_"+meant, environ) {
			warnings = append(warnings, fmt.Sprintf("%s is no setting, did you mean %s_%s?", name, Prefix, meant))
		}
	}
	return warnings
}

// isSet reports whether a variable is in the environment.
func isSet(name string, environ []string) bool {
	return slices.ContainsFunc(environ, func(v string) bool { return strings.HasPrefix(v, name+"=") })
}

// names returns the settings without their prefix, those that name a file included.
func names(s reflect.Type) (all []string) {
	for field := range s.Fields() {
		switch {
		case field.Anonymous:
			all = append(all, names(field.Type)...)
		case field.IsExported():
			name := strings.TrimPrefix(Variable(field), Prefix+"_")
			all = append(all, name)
			if mayBeFile(field) {
				all = append(all, name+fileSuffix)
			}
		}
	}
	return all
}
