package config_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/invopop/jsonschema"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/account"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/retry"
	"github.com/penstock/penstock/pkg/signature"
)

var update = flag.Bool("update", false, "write the files that are made from the Go types")

// schemaFiles are the one that is built in, and the one that people link to.
var schemaFiles = []string{"schema.json", "../../docs/reference/penstock.schema.json"}

func TestSchema(t *testing.T) {
	t.Parallel()
	want := generateSchema(t)
	if *update {
		require.NoError(t, os.MkdirAll("../../docs/reference", 0o755))
		for _, file := range schemaFiles {
			require.NoError(t, os.WriteFile(file, want, 0o644))
		}
		return
	}
	for _, file := range schemaFiles {
		got, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, string(want), string(got), "%s is out of date: run go generate ./pkg/config", file)
	}
	require.Equal(t, string(want), string(config.Schema()))
}

const schemaID = "https://raw.githubusercontent.com/penstock/penstock/main/docs/reference/penstock.schema.json"

func generateSchema(t *testing.T) []byte {
	t.Helper()
	r := &jsonschema.Reflector{
		FieldNameTag:               "yaml",
		RequiredFromJSONSchemaTags: true,
		ExpandedStruct:             true,
		Anonymous:                  true,
		Mapper:                     mapType,
	}
	for _, folder := range []string{".", "../signature", "../auth"} {
		require.NoError(t, r.AddGoComments("github.com/penstock/penstock/pkg/config", folder))
	}
	for key, text := range r.CommentMap {
		text = strings.Join(strings.Fields(text), " ")
		if strings.Contains(key, "/signature.") {
			text = withKeys(text)
		}
		r.CommentMap[key] = text
	}
	s := r.Reflect(config.Config{})
	s.ID = schemaID
	s.Title = "Penstock configuration"
	refine(s)
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	require.NoError(t, e.Encode(s))
	return out.Bytes()
}

// mapType describes the types that are written as text.
func mapType(t reflect.Type) *jsonschema.Schema {
	text := func(pattern string, examples ...any) *jsonschema.Schema {
		return &jsonschema.Schema{Type: "string", Pattern: pattern, Examples: examples}
	}
	switch t {
	case reflect.TypeFor[config.Duration](), reflect.TypeFor[time.Duration]():
		return text(`^(\d+[dD])?((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))*$`, "500ms", "10s", "1h30m", "7d")
	case reflect.TypeFor[config.Window]():
		return text(`^(off|(\d+[dD])?((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))*)$`, "72h", "7d", "off")
	case reflect.TypeFor[config.Size]():
		return &jsonschema.Schema{
			OneOf:    []*jsonschema.Schema{text(`^\d+ *([kKmMgGtT][iI]?)?[bB]?$`), {Type: "integer", Minimum: "1"}},
			Examples: []any{"512KiB", "5MiB", "20GB"},
		}
	case reflect.TypeFor[config.Rate]():
		return text(`^\d+/[smh]$`, "100/s", "10/m", "500/h")
	case reflect.TypeFor[config.Secret]():
		return text(``, "${ENV_NAME}", "file:/run/secrets/name")
	case reflect.TypeFor[retry.Statuses]():
		status := `[1-9]\d\d`
		return &jsonschema.Schema{
			OneOf:    []*jsonschema.Schema{text(`^!? *` + status + `( *- *` + status + `)?$`), {Type: "integer", Minimum: "100", Maximum: "999"}},
			Examples: []any{429, "500-599", "!503"},
		}
	case reflect.TypeFor[config.OnPermanent]():
		return &jsonschema.Schema{Type: "string", Enum: []any{config.DeadLetter, config.TryAgain}}
	case reflect.TypeFor[config.Format]():
		return &jsonschema.Schema{Type: "string", Enum: []any{config.CloudEventsBinary, config.CloudEventsStructured}}
	case reflect.TypeFor[config.BatchFormat]():
		return &jsonschema.Schema{Type: "string", Enum: []any{config.Array, config.Lines}}
	case reflect.TypeFor[config.Method]():
		return &jsonschema.Schema{Type: "string", Enum: []any{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}}
	case reflect.TypeFor[config.OnBrokerOutage]():
		return &jsonschema.Schema{Type: "string", Enum: []any{config.Reject, config.Spool}}
	case reflect.TypeFor[signature.Strings]():
		one := &jsonschema.Schema{Type: "string"}
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{one, {Type: "array", Items: one}}}
	default:
		return nil
	}
}

// refine adds what the types do not say by themselves.
func refine(s *jsonschema.Schema) {
	name := &jsonschema.Schema{Pattern: `^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`}
	for _, part := range []string{"sources", "destinations", "routes", "accounts"} {
		property, _ := s.Properties.Get(part)
		property.PropertyNames = name
	}
	s.Required = []string{"sources"}
	for typ, keys := range map[string][]string{
		"BasicAuth": {"username", "password"}, "OAuth2": {"tokenURL", "clientID", "clientSecret"}, "ClientTLS": {"certFile", "keyFile"},
		"Route": {"from", "to"}, "Signing": {"secrets"}, "Ordering": {"key"}, "Account": {"provider", "source", "credentials"}, "Scheme": {"alg"}, "Key": {"name", "sha256"},
	} {
		s.Definitions[typ].Required = keys
	}
	for _, typ := range []string{"Source", "Signing"} {
		secrets, _ := s.Definitions[typ].Properties.Get("secrets")
		secrets.Items.Pattern = `\$\{[A-Za-z_][A-Za-z0-9_]*\}|^file:/`
	}
	var ids []any
	for _, preset := range provider.All() {
		ids = append(ids, preset.ID)
	}
	accounts, _ := s.Definitions["Account"].Properties.Get("provider")
	for _, id := range account.Providers() {
		accounts.Enum = append(accounts.Enum, id)
	}
	shortOrLong(s, "Route", "transform", "Transform")
	id, _ := s.Definitions["Source"].Properties.Get("provider")
	id.Enum = ids
	one := uint64(1)
	s.Definitions["Method"].MinProperties, s.Definitions["Method"].MaxProperties = &one, &one
	s.Definitions["Source"].Not = &jsonschema.Schema{Required: []string{"provider", "scheme"}}
	s.Definitions["Destination"].OneOf = []*jsonschema.Schema{{Required: []string{"url"}}, {Required: []string{"exchange"}}}
	s.Definitions["Retry"].Not = &jsonschema.Schema{Required: []string{"schedule"}, AnyOf: []*jsonschema.Schema{
		{Required: []string{"initial"}}, {Required: []string{"factor"}}, {Required: []string{"max"}}, {Required: []string{"maxAttempts"}},
	}}
	withDefaults(s)
}

// shortOrLong lets a property be a text where its type has exactly one of its keys otherwise.
func shortOrLong(s *jsonschema.Schema, owner, key, typ string) {
	one := uint64(1)
	s.Definitions[typ].MinProperties, s.Definitions[typ].MaxProperties = &one, &one
	property, _ := s.Definitions[owner].Properties.Get(key)
	property.OneOf = []*jsonschema.Schema{{Type: "string"}, {Ref: property.Ref}}
	property.Ref = ""
}

// withDefaults takes the defaults from what Load fills in.
func withDefaults(s *jsonschema.Schema) {
	for name, value := range map[string]any{
		"Source":      config.DefaultSource(),
		"Destination": config.DefaultDestination(),
		"Route":       config.DefaultRoute(),
		"Ordering":    config.DefaultOrdering(),
		"Respond":     config.DefaultRespond(),
		"Request":     config.DefaultRequest(),
		"Batch":       config.DefaultBatch(),
		"Retry":       config.DefaultRetry(),
		"Account":     config.DefaultAccount(),
	} {
		v := reflect.ValueOf(value)
		for i := range v.NumField() {
			key := v.Type().Field(i).Tag.Get("yaml")
			property, found := s.Definitions[name].Properties.Get(key)
			if found && !v.Field(i).IsZero() && v.Field(i).Kind() != reflect.Struct {
				property.Default = v.Field(i).Interface()
			}
		}
	}
}
