package config

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/credential"
	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// Credentials returns where the source's requests hold credentials: those of its
// authentication, and the secret itself where its scheme has it travel.
func (s *Source) Credentials() credential.Places {
	return credential.Places{List: slices.Concat(s.authCredentials(), s.schemeCredentials())}
}

// Stripped returns what is taken out of the source's events before they are published:
// all but those credentials of the authentication that the scheme looks at, which a receiver
// needs to verify the request again.
func (s *Source) Stripped() credential.Places {
	stripped := s.StrippedUnverified()
	stripped.List = append(stripped.List, s.schemeCredentials()...)
	return stripped
}

// StrippedUnverified is Stripped for a request that failed verification: it keeps the
// secret that it is to be verified with again.
func (s *Source) StrippedUnverified() credential.Places {
	looked := headersOf(s.scheme())
	return credential.Places{List: slices.DeleteFunc(s.authCredentials(), func(p signature.Place) bool {
		return p.Kind == signature.InHeader && slices.Contains(looked, strings.ToLower(p.Name))
	})}
}

// scheme is what decides about the source's requests; empty for one without verification.
func (s *Source) scheme() signature.Scheme {
	if s.Scheme != nil {
		return *s.Scheme
	}
	if preset, known := provider.Lookup(s.Provider); known {
		return preset.Scheme
	}
	return signature.Scheme{}
}

// headersOf lists the header fields that a scheme mentions anywhere, in lower
// case. The scheme's own text is what says so, in each of its many fields.
func headersOf(scheme signature.Scheme) []string {
	text, err := json.Marshal(scheme)
	if err != nil {
		return nil // strings, numbers and lists always marshal
	}
	var names []string
	for _, match := range regexp.MustCompile(`header:([A-Za-z0-9_-]+)`).FindAllSubmatch(text, -1) {
		names = append(names, strings.ToLower(string(match[1])))
	}
	return names
}

// schemeCredentials returns where the source's requests hold its secret.
func (s *Source) schemeCredentials() []signature.Place {
	if s.Scheme != nil {
		return s.Scheme.Credentials()
	}
	if preset, known := provider.Lookup(s.Provider); known {
		return preset.Credentials(s.settings())
	}
	return nil
}

func (s *Source) authCredentials() []signature.Place {
	var places []signature.Place
	for _, method := range s.Auth {
		header, query := method.Credential()
		if header != "" {
			places = append(places, signature.Place{Kind: signature.InHeader, Name: header})
		}
		if query != "" {
			places = append(places, signature.Place{Kind: signature.InQuery, Name: query})
		}
	}
	return places
}

// Hidden returns what people may not see of the events of a source: its credentials, and
// the header fields that are credentials of any. A source that is not configured any more
// may have had them anywhere.
func (c *Config) Hidden(source string) credential.Places {
	var hidden credential.Places
	always := provider.AllCredentials()
	if s, there := c.Sources[source]; there {
		hidden = s.Credentials()
		always = slices.DeleteFunc(always, func(p signature.Place) bool { return p.Kind != signature.InHeader })
	} else {
		hidden.Guessed = true
		always = append(always, signature.Place{Kind: signature.InQuery})
	}
	for _, name := range []string{"Authorization", "Proxy-Authorization", "Cookie", "X-Api-Key"} {
		always = append(always, signature.Place{Kind: signature.InHeader, Name: name})
	}
	hidden.List = append(hidden.List, always...)
	return hidden
}

// forwards returns the sources whose secret a destination is to be sent, because it travels
// in their requests besides the body.
func (c *Config) forwards() map[string]bool {
	sources := map[string]bool{}
	for _, route := range c.Routes {
		if route == nil {
			continue // it did not decode
		}
		to := c.Destinations[route.To]
		if to == nil || !to.ForwardCredentials {
			continue
		}
		for _, name := range route.From {
			if s := c.Sources[name]; s != nil && (credential.Places{List: s.schemeCredentials()}).TravelApart() {
				sources[name] = true
			}
		}
	}
	return sources
}
