package config

import (
	"fmt"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// Compile makes what verifies and identifies the source's requests, from its
// provider, its scheme, or its own id and type. It is nil for a source that has none of these. Load has made
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
	case s.hasIdentity():
		return provider.Custom(s.identityScheme(), options)
	default:
		return nil, nil //nolint:nilnil // documented: a source without verification
	}
}

// hasIdentity reports whether the source says itself where ids or types are.
func (s *Source) hasIdentity() bool { return len(s.ID)+len(s.Type) > 0 }

// identityScheme is the scheme of a source without one: it verifies nothing, and says where ids and types
// are.
func (s *Source) identityScheme() signature.Scheme {
	return signature.Scheme{Alg: "none", ID: s.ID, Type: s.Type}
}

// settings returns the source's config with its secrets resolved.
func (s *Source) settings() map[string]string {
	values := make(map[string]string, len(s.Config))
	for name, value := range s.Config {
		values[name] = value.Reveal()
	}
	return values
}
