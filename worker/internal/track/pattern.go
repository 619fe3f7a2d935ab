package track

import "strings"

// pattern is a binding of a topic exchange, in words: * stands for one word, # for any
// number of them.
type pattern []string

func newPattern(text string) pattern { return strings.Split(text, ".") }

// matches reports whether a message with the key, in words, takes the binding.
func (p pattern) matches(key []string) bool {
	for len(p) > 0 && p[0] != "#" {
		if len(key) == 0 || p[0] != "*" && p[0] != key[0] {
			return false
		}
		p, key = p[1:], key[1:]
	}
	if len(p) == 0 {
		return len(key) == 0
	}
	for skip := range len(key) + 1 {
		if p[1:].matches(key[skip:]) {
			return true
		}
	}
	return false
}
