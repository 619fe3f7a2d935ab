package routing

import "strings"

// pattern is a pattern of a topic exchange, in words: * matches one word, # any number of
// them. A word with slashes is itself a pattern, of what is between the slashes.
type pattern []string

func parsePattern(text string) pattern { return strings.Split(text, ".") }

// matches reports whether a key, in words, matches. It takes time in proportion to the
// words of both, whatever the pattern.
func (p pattern) matches(key []string) bool {
	at := make([]bool, len(key)+1) // at[i]: the pattern so far matches the first i words
	at[0] = true
	for _, word := range p {
		if word == "#" {
			for i := range key {
				at[i+1] = at[i+1] || at[i]
			}
			continue
		}
		for i := len(key); i > 0; i-- {
			at[i] = at[i-1] && matchesWord(word, key[i-1])
		}
		at[0] = false
	}
	return at[len(key)]
}

// matchesWord matches one word. A * that is the whole pattern matches a word with slashes, too.
func matchesWord(pattern, word string) bool {
	if pattern == "*" || pattern == word {
		return true
	}
	return strings.Contains(pattern, slash) && segments(pattern).matches(segments(word))
}

// slash separates the segments of a word, such as orders/create.
const slash = "/"

func segments(word string) pattern { return strings.Split(word, slash) }
