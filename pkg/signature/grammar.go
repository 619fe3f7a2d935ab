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

// pattern is a compiled item: literals and captures in turn.
type pattern []token

type token struct{ literal, capture string }

func newGrammar(s *Scheme) (*grammar, error) {
	g := &grammar{sep: s.Sep, group: s.Group, positional: s.Positional}
	for _, text := range s.items() {
		p, err := newPattern(text)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", text, err)
		}
		g.items = append(g.items, p)
	}
	if !g.captures("sig") {
		return nil, errors.New("no item captures {sig}")
	}
	if g.positional && len(g.items) < 2 {
		return nil, errors.New("positional needs two items")
	}
	return g, nil
}

// items are the patterns, the default filled in.
func (s *Scheme) items() Strings {
	if len(s.Items) == 0 {
		return Strings{"{sig}"}
	}
	return s.Items
}

func newPattern(text string) (pattern, error) {
	var p pattern
	for text != "" {
		open := strings.IndexByte(text, '{')
		if open < 0 {
			return append(p, token{literal: text}), nil
		}
		if open > 0 {
			p = append(p, token{literal: text[:open]})
		} else if len(p) > 0 && p[len(p)-1].capture != "" {
			return nil, errors.New("two captures need a text between them")
		}
		name, rest, ok := strings.Cut(text[open+1:], "}")
		if !ok || !isCapture(name) {
			return nil, fmt.Errorf("{%s is no capture; want {sig}, {ts}, {nonce}, {keyid} or {scheme}", name)
		}
		if p.captures(name) {
			return nil, fmt.Errorf("{%s} twice", name)
		}
		p, text = append(p, token{capture: name}), rest
	}
	return p, nil
}

func isCapture(name string) bool {
	switch name {
	case "sig", "ts", "nonce", "keyid", "scheme":
		return true
	}
	return false
}

func (p pattern) captures(name string) bool {
	for _, t := range p {
		if t.capture == name {
			return true
		}
	}
	return false
}

func (g *grammar) captures(name string) bool {
	for _, p := range g.items {
		if p.captures(name) {
			return true
		}
	}
	return false
}

// match reads entry. A capture ends where the text after it begins, and is never empty.
func (p pattern) match(entry string) (sig string, got group, ok bool) {
	for i, t := range p {
		if t.capture == "" {
			if entry, ok = strings.CutPrefix(entry, t.literal); !ok {
				return "", group{}, false
			}
			continue
		}
		text := entry
		if i+1 < len(p) {
			end := strings.Index(entry, p[i+1].literal)
			if end < 0 {
				return "", group{}, false
			}
			text = entry[:end]
		}
		if text == "" {
			return "", group{}, false
		}
		entry = entry[len(text):]
		switch t.capture {
		case "sig":
			sig = text
		case "ts":
			got.ts = text
		case "nonce":
			got.nonce = text
		case "keyid":
			got.keyid = text
		}
	}
	return sig, got, entry == ""
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
	end := strings.IndexAny(text, separators)
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
		if p.captures("sig") && signed {
			continue // another way of writing the same
		}
		signed = signed || p.captures("sig")
		entries = append(entries, p.write(sig, of))
	}
	if g.sep == "" {
		return entries[len(entries)-1]
	}
	return strings.Join(entries, g.sep[:1])
}

func (p pattern) write(sig string, of *group) string {
	var text strings.Builder
	for _, t := range p {
		switch t.capture {
		case "":
			text.WriteString(t.literal)
		case "sig":
			text.WriteString(sig)
		case "ts":
			text.WriteString(of.ts)
		case "nonce":
			text.WriteString(of.nonce)
		default:
			text.WriteString(of.keyid)
		}
	}
	return text.String()
}
