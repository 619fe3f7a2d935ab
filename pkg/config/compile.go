package config

import (
	"fmt"

	"github.com/penstock/penstock/pkg/provider"
)

// Compile makes what verifies and identifies the source's requests, from its
// provider or its scheme. It is nil for a source that has neither. Load has made
// sure that it does not fail.
func (s *Source) Compile() (*provider.Source, error) {
	options := provider.Options{Secrets: RevealAll(s.Secrets), PublicURL: s.PublicURL, Config: s.settings(), Pending: s.Pending}
	switch {
	case s.Scheme != nil:
		return provider.Custom(*s.Scheme, options)
	case s.Provider != "":
		preset, known := provider.Lookup(s.Provider)
		if !known {
			return nil, fmt.Errorf("there is no provider %q", s.Provider)
		}
		return provider.New(preset, options)
	default:
		return nil, nil //nolint:nilnil // documented: a source without verification
	}
}

// settings returns the source's config with its secrets resolved.
func (s *Source) settings() map[string]string {
	values := make(map[string]string, len(s.Config))
	for name, value := range s.Config {
		values[name] = value.Reveal()
	}
	return values
}
