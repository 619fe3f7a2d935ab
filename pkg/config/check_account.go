package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/penstock/penstock/pkg/account"
	"github.com/penstock/penstock/pkg/config/internal/strict"
	"github.com/penstock/penstock/pkg/nearest"
)

// The bounds of an account's times.
const (
	minPause    = Duration(10 * time.Second)
	maxPause    = Duration(day)
	minLookBack = Duration(10 * time.Minute)
	maxLookBack = Duration(30 * day)
)

func (c *checker) account(path string, a *Account) {
	facts, known := account.Lookup(a.Provider)
	if !known && !c.broken(path, "provider") {
		c.failf(strict.Key(path, "provider"), "there is no account provider %q%s; there are %s",
			a.Provider, nearest.DidYouMean(a.Provider, account.Providers()), strings.Join(account.Providers(), ", "))
	}
	c.accountSource(path, a, facts)
	if known {
		c.accountSettings(path, a, facts)
	}
	if at := strict.Key(path, "url"); c.Has(at) && !c.broken(path, "url") {
		c.url(at, a.URL, false)
	}
	c.within(path, "interval", a.Interval, minPause, maxPause)
	c.within(path, "window", a.Window, minLookBack, maxLookBack)
	c.within(path, "wait", a.Wait, minPause, maxPause)
	c.within(path, "secretMaxAge", a.SecretMaxAge, Duration(day), Duration(3650*day))
	c.types(path, a.Types)
	c.filter(path, a.Filter)
	if a.Redeliver && known && !facts.Redelivers {
		c.failf(strict.Key(path, "redeliver"), "the API of %s takes no request to deliver again; leave it out", facts.Name)
	}
}

// within checks a duration that is there.
func (c *checker) within(path, key string, d, least, most Duration) {
	if at := strict.Key(path, key); c.Has(at) && !c.broken(path, key) && (d < least || d > most) {
		c.failf(at, "the duration is %s to %s", least, most)
	}
}

// accountSource checks that the account and its source have one provider.
func (c *checker) accountSource(path string, a *Account, facts *account.Facts) {
	at := strict.Key(path, "source")
	switch source := c.cfg.Sources[a.Source]; {
	case c.broken(path, "source"):
	case a.Source == "":
		c.failf(at, "an account belongs to a source: source is missing")
	case source == nil:
		oneOf(c, at, "source", a.Source, c.cfg.Sources)
	case facts != nil && source.Provider != facts.Preset:
		c.failf(at, "the source's provider is not %s: the ids of its events could not be compared", facts.Preset)
	case facts != nil && tooShort(source.Dedup.Window, facts.Retries):
		c.failf(at, "%s tries again for %s, and the source's dedup.window is shorter: what is fetched could be delivered twice; leave the window out",
			facts.Name, Duration(facts.Retries))
	}
}

// tooShort reports whether a source forgets an event while its provider still tries to deliver it.
func tooShort(window Window, retries time.Duration) bool {
	return window != 0 && retries > 0 && time.Duration(window) < retries
}

// accountSettings checks that the account has one whole set of what its provider needs.
func (c *checker) accountSettings(path string, a *Account, facts *account.Facts) {
	given := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(a.Settings)) {
		given[name] = true
		at := strict.Key(strict.Key(path, "settings"), name)
		switch s, known := facts.Settings[name]; {
		case !known:
			c.failf(at, "%s has no such setting; there are %s", facts.Name, names(facts.Settings))
		case !matches(s.Pattern, a.Settings[name]):
			c.failf(at, "expected %s", s.About)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.Credentials)) {
		given[name] = true
		if _, known := facts.Credentials[name]; !known {
			c.failf(strict.Key(strict.Key(path, "credentials"), name), "%s has no such credential; there are %s", facts.Name, names(facts.Credentials))
		}
	}
	whole := func(set []string) bool {
		return !slices.ContainsFunc(set, func(name string) bool { return !given[name] })
	}
	if !slices.ContainsFunc(facts.Alternative, whole) && !c.broken(path, "settings", "credentials") {
		c.failf(path, "the account of %s needs %s", facts.Name, alternatives(facts))
	}
}

func matches(pattern, text string) bool {
	return pattern == "" || regexp.MustCompile("^(?:"+pattern+")$").MatchString(text)
}

func names(all map[string]account.Setting) string {
	return strings.Join(slices.Sorted(maps.Keys(all)), ", ")
}

func alternatives(facts *account.Facts) string {
	var sets []string
	for _, set := range facts.Alternative {
		sets = append(sets, strings.Join(set, " and "))
	}
	return strings.Join(sets, "; or ")
}
