package signature

import (
	"errors"
	"fmt"
	"strings"
)

// Limits on what one request can make the engine do. Rotation needs two or three of each.
const (
	maxGroups     = 8
	maxSignatures = 32
)

// group is what belongs together in a signature header.
type group struct{ ts, nonce, keyid string }

// candidate is one signature that a request offers.
type candidate struct {
	text    string
	decoded []byte
	group   int
}

// grammar splits a located text into groups, entries and captures.
type grammar struct {
	sep, group string
	items      []pattern
	positional bool
}

func newGrammar(s *Scheme) (*grammar, error) {
	g := &grammar{sep: s.Sep, group: s.Group, positional: s.Positional}
	for _, text := range items(s) {
		p, err := newPattern(text)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", text, err)
		}
		g.items = append(g.items, p)
	}
	if !g.captures(captureSig) {
		return nil, errors.New("no item captures {sig}")
	}
	if g.positional && len(g.items) < 2 {
		return nil, errors.New("positional needs two items")
	}
	return g, nil
}

// items are the patterns, the default filled in.
func items(s *Scheme) Strings {
	if len(s.Items) == 0 {
		return Strings{"{" + captureSig + "}"}
	}
	return s.Items
}

func (g *grammar) captures(name string) bool {
	for _, p := range g.items {
		if p.captures(name) {
			return true
		}
	}
	return false
}

// read adds what text offers to the view.
func (g *grammar) read(c *view, text string) Reason {
	for text != "" {
		var one string
		if one, text = next(text, g.group); one == "" {
			continue
		}
		if len(c.groups) == maxGroups {
			return MalformedSignature
		}
		c.groups = append(c.groups, group{})
		if why := g.readGroup(c, one); why != None {
			return why
		}
	}
	return None
}

func (g *grammar) readGroup(c *view, text string) Reason {
	current := len(c.groups) - 1
	for i := 0; text != ""; {
		var entry string
		if entry, text = next(text, g.sep); entry == "" {
			continue
		}
		sig, got, ok := g.entry(entry, i)
		i++
		if !ok {
			continue
		}
		if !c.groups[current].merge(got) {
			return AmbiguousSignature
		}
		if sig == "" {
			continue
		}
		if len(c.sigs) == maxSignatures {
			return MalformedSignature
		}
		c.sigs = append(c.sigs, candidate{text: sig, group: current})
	}
	return None
}

// entry matches the entry at position i.
func (g *grammar) entry(text string, i int) (string, group, bool) {
	if g.positional {
		return g.items[min(i, 1)].match(text)
	}
	for _, p := range g.items {
		if sig, got, ok := p.match(text); ok {
			return sig, got, true
		}
	}
	return "", group{}, false
}

// merge adds captures to the group. It reports whether they agree with those it has.
func (g *group) merge(got group) bool {
	return same(&g.ts, got.ts) && same(&g.nonce, got.nonce) && same(&g.keyid, got.keyid)
}

func same(have *string, got string) bool {
	if got == "" {
		return true
	}
	if *have == "" {
		*have = got
	}
	return *have == got
}

// next cuts text at the first of the separators, and trims what it cut off. Without separators it
// is all of text, as it is.
func next(text, separators string) (one, rest string) {
	if separators == "" {
		return text, ""
	}
	end := strings.IndexByte(text, separators[0])
	if len(separators) > 1 {
		end = strings.IndexAny(text, separators)
	}
	if end < 0 {
		return strings.TrimSpace(text), ""
	}
	return strings.TrimSpace(text[:end]), text[end+1:]
}

// write is the opposite of read: a header with one signature.
func (g *grammar) write(sig string, of *group) string {
	var entries []string
	signed := false
	for _, p := range g.items {
		if p.captures(captureSig) && signed {
			continue // another way of writing the same
		}
		signed = signed || p.captures(captureSig)
		entries = append(entries, p.write(sig, of))
	}
	if g.sep == "" {
		return entries[len(entries)-1]
	}
	return strings.Join(entries, g.sep[:1])
}
