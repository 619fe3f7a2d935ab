package provider

import (
	"slices"
	"sync"

	"github.com/penstock/penstock/pkg/signature"
)

// Credentials lists where requests of a source of the preset hold its secret, with the
// source's settings. A place that a setting names, whose value is not known, has no name.
func (p *Preset) Credentials(settings map[string]string) []signature.Place {
	if len(p.SecretAt) > 0 {
		var places []signature.Place
		for _, location := range p.SecretAt {
			if place, ok := signature.ParsePlace(location); ok {
				places = append(places, place)
			}
		}
		return places
	}
	scheme, err := p.scheme(Options{Config: settings}.settings(p))
	if err != nil {
		return nil // a preset that names no other one that there is does not compile
	}
	return scheme.Credentials()
}

// AllCredentials lists where requests of any preset, with its default settings, hold a
// secret: for events of a source of which nothing is known any more.
func AllCredentials() []signature.Place { return slices.Clone(allCredentials()) }

var allCredentials = sync.OnceValue(func() []signature.Place {
	var places []signature.Place
	for _, p := range All() {
		for _, place := range p.Credentials(nil) {
			if !slices.Contains(places, place) {
				places = append(places, place)
			}
		}
	}
	return places
})

// WriteCredential puts the source's current secret to where its requests have it, for a
// request of an event, from which it was taken out. It changes nothing where the secret does
// not travel, or travels in the body. It fails for a place that cannot be written to.
func (s *Source) WriteCredential(r *signature.Request) error {
	if e, ok := s.verifier.(engine); ok {
		return e.verifier.WriteToken(r, e.keys)
	}
	return nil
}
