package config

import (
	"strings"

	"github.com/penstock/penstock/pkg/config/internal/strict"
	"github.com/penstock/penstock/pkg/provider"
)

// pending checks that a source that waits for a secret can get one, and reports
// whether it can. An unknown provider is reported with the provider.
func (c *checker) pending(path string, s *Source) bool {
	preset, known := provider.Lookup(s.Provider)
	at := strict.Key(path, "pending")
	switch {
	case s.Provider != "" && !known:
	case !known || s.Scheme != nil || !preset.Captures():
		c.failf(at, "only a source whose provider hands its secret over can wait for it: %s", strings.Join(capturing(), ", "))
		return false
	case c.Has(strict.Key(path, "secrets")):
		c.failf(at, "the source has secrets, so it waits for none; leave one of the two out")
		return false
	}
	return true
}

// capturing lists the providers that hand their secret over in a handshake.
func capturing() []string {
	var ids []string
	for _, p := range provider.All() {
		if p.Captures() {
			ids = append(ids, p.ID)
		}
	}
	return ids
}
