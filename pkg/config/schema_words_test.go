package config_test

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/signature"
)

// schemeKeys are the keys of the parts of a scheme, by the names of their fields.
var schemeKeys = func() map[string]string {
	keys := map[string]string{}
	for _, part := range []any{signature.Scheme{}, signature.Timestamp{}, signature.Bind{}, signature.AlgHeader{}, signature.Variant{}} {
		for field := range reflect.TypeOf(part).Fields() {
			keys[field.Name], _, _ = strings.Cut(field.Tag.Get("yaml"), ",")
		}
	}
	return keys
}()

var fieldName = regexp.MustCompile(`(^|[^-\w.])(Scheme\.)?([A-Z]\w*)`)

// withKeys writes the keys of the file where a comment of the scheme engine names its fields.
func withKeys(text string) string {
	return fieldName.ReplaceAllStringFunc(text, func(found string) string {
		parts := fieldName.FindStringSubmatch(found)
		switch key := schemeKeys[parts[3]]; {
		case key == "":
			return found
		case parts[2] != "":
			return parts[1] + "the scheme's `" + key + "`"
		default:
			return parts[1] + "`" + key + "`"
		}
	})
}

// TestDescriptionsAreForReadersOfTheFile looks for words that only the source of this program
// explains.
func TestDescriptionsAreForReadersOfTheFile(t *testing.T) {
	t.Parallel()
	source := regexp.MustCompile(`\[[A-Z][\w.]*\]|\b[Nn]il\b|\b(?:AltMsg|KeySrc|AltScheme|JSONVariant|URLVariants|AlgHeader|DefaultLeeway|MaxLeeway)\b.*"$`)
	for line := range strings.Lines(string(config.Schema())) {
		if strings.Contains(line, `"description":`) {
			require.NotRegexp(t, source, strings.TrimSuffix(strings.TrimSpace(line), ","))
		}
	}
}
