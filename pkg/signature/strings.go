package signature

import (
	"encoding/json"
	"fmt"
)

// Strings is a list of strings that can be written as a single string, both in YAML and in JSON.
type Strings []string //nolint:recvcheck // unmarshalling needs a pointer, marshalling a value

// UnmarshalJSON accepts a string or a list of strings.
func (s *Strings) UnmarshalJSON(data []byte) error {
	return s.unmarshal(func(v any) error { return json.Unmarshal(data, v) })
}

// UnmarshalYAML accepts a string or a list of strings.
func (s *Strings) UnmarshalYAML(decode func(any) error) error { return s.unmarshal(decode) }

func (s *Strings) unmarshal(decode func(any) error) error {
	var list []string
	if decode(&list) == nil {
		*s = list
		return nil
	}
	var one string
	if err := decode(&one); err != nil {
		return fmt.Errorf("want a string or a list of strings: %w", err)
	}
	*s = Strings{one}
	return nil
}

// MarshalJSON writes a single string as such.
func (s Strings) MarshalJSON() ([]byte, error) { return json.Marshal(s.shortest()) }

// MarshalYAML writes a single string as such.
func (s Strings) MarshalYAML() (any, error) { return s.shortest(), nil }

func (s Strings) shortest() any {
	if len(s) == 1 {
		return s[0]
	}
	return []string(s)
}
