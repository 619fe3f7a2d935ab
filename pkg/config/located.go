package config

import (
	"fmt"
	"slices"

	"github.com/penstock/penstock/pkg/config/internal/strict"
	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

func (c *checker) problem(path, format string, args ...any) strict.Problem {
	return strict.Problem{Position: c.At(path), Path: path, Text: fmt.Sprintf(format, args...)}
}

// located adds the file to problems.
func (c *checker) located(problems []strict.Problem) []Problem {
	located := make([]Problem, len(problems))
	for i, p := range problems {
		located[i] = Problem{File: c.file, Line: p.Line, Column: p.Column, Path: p.Path, Text: p.Text}
	}
	return located
}

// warnings finds what is allowed but doubtful.
func (c *checker) warnings() []Problem {
	var found []strict.Problem
	warn := func(path, text string) { found = append(found, c.problem(path, "%s", text)) }
	read, used := map[string]bool{}, map[string]bool{}
	for _, route := range c.cfg.Routes {
		used[route.To] = true
		for _, source := range route.From {
			read[source] = true
		}
	}
	for name, source := range inOrder(c.cfg.Sources) {
		path := strict.Key("sources", name)
		if source.Open {
			warn(strict.Key(path, "open"), "the source is open: anyone can send events")
		}
		if source.Pending {
			warn(strict.Key(path, "pending"), "the source waits for its secret: until then it takes no events")
		}
		if !read[name] {
			warn(path, "no route reads this source")
		}
		for _, doubt := range doubts(source) {
			warn(path+"."+doubt.Field, doubt.Text)
		}
	}
	for name := range inOrder(c.cfg.Destinations) {
		if !used[name] {
			warn(strict.Key("destinations", name), "no route uses this destination")
		}
	}
	doc := strict.Document{Problems: found}
	doc.Sort()
	return slices.Clip(c.located(doc.Problems))
}

// doubts lists what is doubtful in the way that a source's requests are signed, by the source's key.
func doubts(s *Source) []signature.Problem {
	scheme, key := s.Scheme, "scheme."
	if preset, known := provider.Lookup(s.Provider); known {
		scheme, key = &preset.Scheme, "provider"
	}
	if scheme == nil {
		return nil
	}
	found := scheme.Doubts()
	for i := range found {
		if s.Scheme == nil {
			found[i].Field = ""
		}
		found[i].Field = key + found[i].Field
	}
	return found
}
