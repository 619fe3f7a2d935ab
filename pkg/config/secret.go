package config

import (
	"fmt"
	"io"
	"log/slog"
)

// Redacted is what a Secret shows instead of its value.
const Redacted = "[redacted]"

// Secret holds a value that must never be shown: fmt, json, yaml, slog
// and zap print Redacted, and gob refuses it. In the configuration it is never the value itself but a
// reference: ${ENV_NAME}, alone or within other text, or file:/path, less one
// trailing line break and a byte order mark. Two secrets of the same value are reflect.DeepEqual.
// The zero value holds the empty string.
type Secret struct {
	// A pointer, because fmt reads the unexported fields of a struct that has a
	// Secret in an unexported field, without asking its methods. It follows no
	// pointer there.
	value *string
}

// NewSecret returns a Secret that holds value.
func NewSecret(value string) Secret { return Secret{&value} }

// Reveal returns the value. Whoever calls it must not print it.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// RevealAll returns the values of secrets. Whoever calls it must not print them.
func RevealAll(secrets []Secret) []string {
	values := make([]string, len(secrets))
	for i, s := range secrets {
		values[i] = s.Reveal()
	}
	return values
}

// String returns Redacted.
func (Secret) String() string { return Redacted }

// Format writes Redacted, whatever the verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Redacted) }

// MarshalText returns Redacted, for JSON, YAML and what else asks for text.
func (Secret) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

// LogValue returns Redacted, for log/slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(Redacted) }
