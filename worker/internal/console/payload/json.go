package payload

import "strings"

// maxPieces bounds how many pieces are coloured; the rest is one piece.
const maxPieces = 6_000

// piecesOf splits a pretty body: JSON into what is coloured, and nothing else.
func piecesOf(text []byte) []Piece {
	if len(text) > 0 && text[0] == '<' {
		return []Piece{{"", visible(string(text))}}
	}
	return pieces(text)
}

// pieces splits indented JSON into what is coloured differently. It need not be whole.
func pieces(text []byte) []Piece {
	var all []Piece
	rest := visible(string(text))
	for rest != "" && len(all) < maxPieces {
		kind, n := first(rest)
		all = append(all, Piece{kind, rest[:n]})
		rest = rest[n:]
	}
	if rest != "" {
		all = append(all, Piece{"", rest})
	}
	return all
}

// first returns the kind and the length of the first piece.
func first(text string) (kind string, n int) {
	switch b := text[0]; {
	case b == '"':
		n = quoted(text)
		if strings.HasPrefix(text[n:], ":") {
			return "key", n
		}
		return "string", n
	case b == '-' || b >= '0' && b <= '9':
		return "number-token", span(text, "0123456789+-.eE")
	case strings.IndexByte("tfn", b) >= 0:
		return "literal", span(text, "truefalsn")
	default:
		n = strings.IndexAny(text, `"-0123456789tfn`)
		if n < 0 {
			n = len(text)
		}
		return "", n
	}
}

// quoted returns the length of the string that text begins with, its quotes included.
func quoted(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

// span returns how many of the first bytes are in the set.
func span(text, set string) int {
	n := strings.IndexFunc(text, func(r rune) bool { return !strings.ContainsRune(set, r) })
	if n < 0 {
		return len(text)
	}
	return n
}
