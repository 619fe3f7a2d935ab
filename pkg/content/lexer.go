package content

import (
	"errors"
	"strings"
)

// Limits on a JSON document (RFC 8259).
const (
	MaxDepth  = 1_000 // how deep its values may be nested
	MaxNumber = 1_024 // of a number as it is written, in characters
)

// What can be wrong with a JSON document.
var (
	ErrNoJSON = errors.New("the body is no JSON")
	ErrDepth  = errors.New("the JSON body is nested too deeply")
	ErrNumber = errors.New("the JSON body holds a number with too many digits")
)

// lexer walks through the tokens of a JSON document.
type lexer struct {
	text string
	pos  int
}

// peek skips white space and returns the next byte, or 0 at the end.
func (l *lexer) peek() byte {
	for ; l.pos < len(l.text); l.pos++ {
		switch c := l.text[l.pos]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// skip skips white space, and c when it follows.
func (l *lexer) skip(c byte) bool {
	if l.peek() != c || l.pos == len(l.text) {
		return false
	}
	l.pos++
	return true
}

// readWord reads true, false or null.
func (l *lexer) readWord(word string) error {
	if !strings.HasPrefix(l.text[l.pos:], word) {
		return ErrNoJSON
	}
	l.pos += len(word)
	return nil
}

// readString reads a string with its quotes, and reports whether it has escapes.
func (l *lexer) readString() (raw string, escaped bool, err error) {
	if l.peek() != '"' {
		return "", false, ErrNoJSON
	}
	start := l.pos
	l.pos++
	for l.pos < len(l.text) {
		switch c := l.text[l.pos]; {
		case c == '"':
			l.pos++
			return l.text[start:l.pos], escaped, nil
		case c == '\\':
			escaped = true
			if !l.skipEscape() {
				return "", false, ErrNoJSON
			}
		case c < ' ':
			return "", false, ErrNoJSON
		default:
			l.pos++
		}
	}
	return "", false, ErrNoJSON
}

// skipEscape skips one escape, such as \n or \u00e4.
func (l *lexer) skipEscape() bool {
	rest := l.text[l.pos+1:]
	switch {
	case rest == "" || strings.IndexByte(`"\/bfnrtu`, rest[0]) < 0:
		return false
	case rest[0] != 'u':
		l.pos += 2
		return true
	case len(rest) < 5 || strings.Trim(rest[1:5], "0123456789abcdefABCDEF") != "":
		return false
	default:
		l.pos += 6
		return true
	}
}

// readNumber reads a number as it is written.
func (l *lexer) readNumber() (string, error) {
	start := l.pos
	for l.pos < len(l.text) && isNumeric(l.text[l.pos]) {
		l.pos++
	}
	number := l.text[start:l.pos]
	switch {
	case !isNumber(number):
		return "", ErrNoJSON
	case len(number) > MaxNumber:
		return "", ErrNumber
	default:
		return number, nil
	}
}

func isNumeric(c byte) bool {
	return c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.' || c == 'e' || c == 'E'
}

// isNumber checks text against the grammar of RFC 8259, section 6.
func isNumber(text string) bool {
	text = strings.TrimPrefix(text, "-")
	whole := countDigits(text)
	if whole == 0 || whole > 1 && text[0] == '0' {
		return false
	}
	text = text[whole:]
	if strings.HasPrefix(text, ".") {
		n := countDigits(text[1:])
		if n == 0 {
			return false
		}
		text = text[1+n:]
	}
	if text == "" {
		return true
	}
	if text[0] != 'e' && text[0] != 'E' {
		return false
	}
	text = text[1:]
	if text != "" && (text[0] == '+' || text[0] == '-') {
		text = text[1:]
	}
	return text != "" && countDigits(text) == len(text)
}

func countDigits(text string) int {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return n
}
