package signature

import (
	"errors"
	"fmt"
	"strings"
)

// pattern is a compiled item: literals and captures in turn.
type pattern []token

type token struct{ literal, capture string }

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
	case captureSig, captureTS, captureNonce, captureKeyID, captureScheme:
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
		case captureSig:
			sig = text
		case captureTS:
			got.ts = text
		case captureNonce:
			got.nonce = text
		case captureKeyID:
			got.keyid = text
		}
	}
	return sig, got, entry == ""
}

// write is the opposite of match.
func (p pattern) write(sig string, of *group) string {
	var text strings.Builder
	for _, t := range p {
		switch t.capture {
		case "":
			text.WriteString(t.literal)
		case captureSig:
			text.WriteString(sig)
		case captureTS:
			text.WriteString(of.ts)
		case captureNonce:
			text.WriteString(of.nonce)
		default:
			text.WriteString(of.keyid)
		}
	}
	return text.String()
}
