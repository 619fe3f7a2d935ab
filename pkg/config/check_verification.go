package config

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/config/internal/strict"
	"github.com/penstock/penstock/pkg/nearest"
	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// verification checks that somebody vouches for the requests, and how.
func (c *checker) verification(path string, s *Source) {
	c.filled(path, "auth", len(s.Auth), "leave it out")
	if c.broken(path, "provider", "scheme", "auth", "open", "pending") {
		return
	}
	if s.Pending && !c.pending(path, s) {
		return
	}
	c.named(path, s)
	switch {
	case s.Provider != "" && s.Scheme != nil:
		c.failf(strict.Key(path, "scheme"), "a source has a provider or a scheme, not both")
	case c.Has(strict.Key(path, "provider")):
		c.preset(path, s)
	case s.Scheme != nil:
		c.scheme(path, s)
	default:
		c.unverified(path, s)
	}
}

// vouched checks that open is said where it is true, and only there.
func (c *checker) vouched(path string, s *Source, verified bool) {
	switch {
	case (verified || len(s.Auth) > 0) && s.Open:
		c.failf(strict.Key(path, "open"), "the source is verified or authenticated, so it is not open; leave one of the two out")
	case !verified && len(s.Auth) == 0 && !s.Open:
		c.failf(path, "nothing says who sends: give the source a provider, a scheme or auth, or say open: true")
	}
}

func (c *checker) unverified(path string, s *Source) {
	c.vouched(path, s, false)
	for _, key := range []string{"secrets", "config"} {
		if at := strict.Key(path, key); c.Has(at) {
			c.failf(at, "the key belongs to a provider or a scheme, and the source has neither")
		}
	}
}

// named checks where the source itself says that ids and types are.
func (c *checker) named(path string, s *Source) {
	for _, key := range []string{"id", "type"} {
		at := strict.Key(path, key)
		switch {
		case !c.Has(at):
		case s.Provider != "":
			c.failf(at, "the provider's preset says where this is; leave it out")
		case s.Scheme != nil:
			c.failf(at, "the source has a scheme, so this belongs there: scheme.%s", key)
		}
	}
	if s.Provider != "" || s.Scheme != nil || !s.hasIdentity() || c.broken(path, "id", "type") {
		return
	}
	_, err := signature.Compile(s.identityScheme())
	for _, p := range signature.Problems(err) {
		c.failf(path+"."+p.Field, "%s", p.Text)
	}
}

func (c *checker) preset(path string, s *Source) {
	preset, known := provider.Lookup(s.Provider)
	if !known {
		c.failf(strict.Key(path, "provider"), "there is no provider %q%s", s.Provider, suggestion(s.Provider))
		return
	}
	c.vouched(path, s, preset.Verifies())
	c.compiled(path, s)
}

func suggestion(id string) string {
	near := provider.Suggest(id)
	if len(near) == 0 {
		return ""
	}
	return ", did you mean " + strings.Join(near, " or ") + "?"
}

func (c *checker) scheme(path string, s *Source) {
	verifier, err := signature.Compile(*s.Scheme)
	if err != nil {
		for _, p := range signature.Problems(err) {
			c.failf(path+".scheme."+p.Field, "%s", p.Text)
		}
		return
	}
	c.vouched(path, s, !verifier.Open())
	if !s.Scheme.SignsTime() && !s.Scheme.UnsignedTimestamp {
		c.failf(path+".scheme.ts", "the signature does not cover the time, so a captured request is good for ever with a fresh one: "+
			"put {ts} into msg, leave ts out, or accept that with unsignedTimestamp: true")
	}
	if at := strict.Key(path, "publicURL"); verifier.NeedsPublicURL() && s.PublicURL == "" && !c.Has(at) {
		c.failf(at, "the scheme signs the public URL, so publicURL must be set")
	}
	c.settings(path, s, verifier.ConfigNames())
	c.compiled(path, s)
}

// settings checks that config has the names that the scheme asks for, and no other.
func (c *checker) settings(path string, s *Source, names []string) {
	at := strict.Key(path, "config")
	for _, name := range names {
		if _, there := s.Config[name]; !there {
			c.failf(strict.Key(at, name), "the scheme asks for {cfg:%s}, so the setting must be there", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Config)) {
		if !slices.Contains(names, name) {
			c.failf(strict.Key(at, name), "the scheme asks for no such setting%s", nearest.DidYouMean(name, names))
		}
	}
}

// compiled lets the packages that verify requests have their say. Without the
// secrets they could only complain.
func (c *checker) compiled(path string, s *Source) {
	if !c.secrets.wanted(path) || c.broken(path, "secrets", "publicURL", "config") {
		return
	}
	source, err := s.Compile()
	for _, one := range flatten(err) {
		c.verifierProblem(path, s, one)
	}
	if err == nil && source != nil && c.secrets.also[s.Name] {
		if err := source.WriteCredential(&signature.Request{}); err != nil {
			c.failf(path, "forwardCredentials of a destination wants the secret in a place that it cannot be put back to: %s", err)
		}
	}
}

// verifierProblem adds a problem of package provider. Its text begins with the key
// that it is about, where it is about one.
func (c *checker) verifierProblem(path string, s *Source, err error) {
	if p, ok := errors.AsType[*signature.Problem](err); ok {
		c.failf(path+".scheme."+p.Field, "%s", p.Text)
		return
	}
	key, text, found := strings.Cut(err.Error(), ": ")
	first, _, _ := strings.Cut(key, ".")
	switch {
	case found && slices.Contains([]string{"secrets", "publicURL", "config", "scheme"}, first):
		c.failf(path+"."+key, "%s", text)
	case strings.Contains(key, "secret"):
		c.failf(strict.Key(path, "secrets"), "%s", err)
	case s.Scheme != nil:
		c.failf(strict.Key(path, "scheme"), "%s", err)
	default:
		c.failf(strict.Key(path, "provider"), "%s", err)
	}
}
