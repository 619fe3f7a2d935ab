package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/config/internal/strict"
	"github.com/penstock/penstock/pkg/nearest"
)

var validName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// checker finds what is wrong with values that decoded well.
type checker struct {
	*strict.Document
	cfg     *Config
	file    string
	secrets *resolver
}

func (c *checker) check() {
	if !c.Has("sources") && !c.lost("sources") {
		c.failf("", "there are no sources")
	}
	for name, source := range inOrder(c.cfg.Sources) {
		source.Name = name
		c.name("source", strict.Key("sources", name), name)
		c.source(strict.Key("sources", name), source)
	}
	for name, destination := range inOrder(c.cfg.Destinations) {
		destination.Name = name
		c.name("destination", strict.Key("destinations", name), name)
		c.destination(strict.Key("destinations", name), destination)
	}
	for name, route := range inOrder(c.cfg.Routes) {
		route.Name = name
		c.name("route", strict.Key("routes", name), name)
		c.route(strict.Key("routes", name), route)
	}
	c.notifications("notifications")
	for name, account := range inOrder(c.cfg.Accounts) {
		account.Name = name
		c.name("account", strict.Key("accounts", name), name)
		c.account(strict.Key("accounts", name), account)
	}
}

// inOrder goes through a map by its keys, and passes over entries that did not decode.
func inOrder[T any](m map[string]*T) func(yield func(string, *T) bool) {
	return func(yield func(string, *T) bool) {
		for _, name := range slices.Sorted(maps.Keys(m)) {
			if m[name] != nil && !yield(name, m[name]) {
				return
			}
		}
	}
}

func (c *checker) name(what, path, name string) {
	if !validName.MatchString(name) {
		c.failf(path, "the name of a %s is 1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end", what)
	}
}

// failf adds a problem at a path.
func (c *checker) failf(path, format string, args ...any) {
	c.Add(c.problem(path, format, args...))
}

// broken reports whether the value at one of the keys of path has a problem
// already, so that a further one would only repeat it.
func (c *checker) broken(path string, keys ...string) bool {
	return slices.ContainsFunc(keys, func(key string) bool { return c.brokenAt(strict.Key(path, key)) })
}

// brokenAt reports whether there is a problem at path or below it.
func (c *checker) brokenAt(path string) bool {
	return slices.ContainsFunc(c.Problems, func(p strict.Problem) bool {
		rest, under := strings.CutPrefix(p.Path, path)
		return under && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

// lost reports whether a whole section of the file could not be read, or is there
// under a misspelt key. What refers to it cannot be judged then.
func (c *checker) lost(section string) bool {
	return slices.ContainsFunc(c.Problems, func(p strict.Problem) bool {
		return p.Path == section || !c.Has(section) && p.Path != "" && !strings.ContainsAny(p.Path, ".[")
	})
}

// oneOf checks a name that refers to an entry of a section.
func oneOf[T any](c *checker, path, what, name string, entries map[string]*T) {
	if _, there := entries[name]; !there && !c.lost(what+"s") {
		known := slices.Sorted(maps.Keys(entries))
		c.failf(path, "there is no %s %q%s", what, name, nearest.DidYouMean(name, known))
	}
}

// once checks that a list has each text once.
func (c *checker) once(path string, list []string) {
	for i, text := range list {
		if slices.Contains(list[:i], text) {
			c.failf(strict.Index(path, i), "%q is in the list already", text)
		}
	}
}
