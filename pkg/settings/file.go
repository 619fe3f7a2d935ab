package settings

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
)

// fileSuffix makes of a setting's variable the one that names a file with its value.
const fileSuffix = "_FILE"

// mayBeFile reports whether a setting can be read from a file: its tag says that it may
// hold a password, and orchestrators hand those out as files.
func mayBeFile(field reflect.StructField) bool { return field.Tag.Get("file") == "true" }

// loadFile sets value to the content of the file that the environment names, and reports
// whether it is read. The value is a text or a list of texts.
func (l loader) loadFile(value reflect.Value, field reflect.StructField) (bool, error) {
	name := Variable(field)
	path := os.Getenv(name + fileSuffix)
	if !mayBeFile(field) || path == "" {
		return false, nil
	}
	if os.Getenv(name) != "" {
		return true, fmt.Errorf("%s and %s: set one of them", name, name+fileSuffix)
	}
	if !l.secrets {
		return false, nil
	}
	text, err := os.ReadFile(path) //nolint:gosec // the operator's own choice
	if err != nil {
		return true, fmt.Errorf("%s: %w", name+fileSuffix, err)
	}
	content := strings.TrimSpace(string(text))
	if content == "" {
		return true, fmt.Errorf("%s: %w", name+fileSuffix, errors.New("the file is empty"))
	}
	if value.Kind() == reflect.Slice {
		value.Set(reflect.ValueOf(strings.Split(content, ",")))
		return true, nil
	}
	value.SetString(content)
	return true, nil
}

// Reread returns a function that loads the settings S again and picks a value, so that
// files can be replaced while the process runs. It returns nil when no file holds one of
// the settings with those names, such as AMQP_URLS: the environment does not change.
func Reread[S, V any](pick func(*S) V, names ...string) func(context.Context) (V, error) {
	if !slices.ContainsFunc(names, func(name string) bool { return os.Getenv(Prefix+"_"+name+fileSuffix) != "" }) {
		return nil
	}
	return func(context.Context) (V, error) {
		var again S
		if err := Load(&again); err != nil {
			var none V
			return none, err
		}
		return pick(&again), nil
	}
}
