package capture

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

var errQuote = errors.New("a quotation mark of the command is never closed")

// split splits a command into words as a POSIX shell does, and bash for $'…'.
// It expands nothing.
func split(text string) ([]string, error) {
	s := &splitter{text: text}
	for s.at < len(s.text) {
		if err := s.step(); err != nil {
			return nil, err
		}
	}
	s.end()
	return s.words, nil
}

type splitter struct {
	text  string
	at    int
	word  strings.Builder
	open  bool // a word has begun; it may be empty, as ” is
	words []string
}

func (s *splitter) end() {
	if s.open {
		s.words = append(s.words, s.word.String())
	}
	s.word.Reset()
	s.open = false
}

func (s *splitter) add(text string) {
	s.open = true
	s.word.WriteString(text)
}

func (s *splitter) step() error {
	rest := s.text[s.at:]
	switch {
	case strings.HasPrefix(rest, "\\\r\n"):
		s.at += 3
	case strings.HasPrefix(rest, "\\\n"):
		s.at += 2
	case rest[0] == '\\' && len(rest) > 1:
		s.add(rest[1:2])
		s.at += 2
	case strings.HasPrefix(rest, "$'"):
		return s.ansi()
	case rest[0] == '\'':
		return s.single()
	case rest[0] == '"':
		return s.double()
	case strings.ContainsRune(" \t\r\n", rune(rest[0])):
		s.end()
		s.at++
	default:
		s.add(rest[:1])
		s.at++
	}
	return nil
}

func (s *splitter) single() error {
	inner, _, closed := strings.Cut(s.text[s.at+1:], "'")
	if !closed {
		return errQuote
	}
	s.add(inner)
	s.at += len(inner) + 2
	return nil
}

func (s *splitter) double() error {
	s.add("")
	for s.at++; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; {
		case c == '"':
			s.at++
			return nil
		case c == '\\' && s.at+1 < len(s.text) && strings.ContainsRune("\"\\$`\n", rune(s.text[s.at+1])):
			s.at++
			if s.text[s.at] != '\n' {
				s.add(s.text[s.at : s.at+1])
			}
		default:
			s.add(s.text[s.at : s.at+1])
		}
	}
	return errQuote
}

// ansi reads $'…' with the escapes of C, which browsers write.
func (s *splitter) ansi() error {
	s.add("")
	for s.at += 2; s.at < len(s.text); {
		switch c := s.text[s.at]; {
		case c == '\'':
			s.at++
			return nil
		case c == '\\' && s.at+1 < len(s.text):
			text, size := unescape(s.text[s.at+1:])
			s.add(text)
			s.at += 1 + size
		default:
			s.add(s.text[s.at : s.at+1])
			s.at++
		}
	}
	return errQuote
}

// unescape reads what follows a backslash, and how many bytes of it.
func unescape(rest string) (text string, size int) {
	simple := map[byte]string{'n': "\n", 'r': "\r", 't': "\t", 'a': "\a", 'b': "\b", 'e': "\x1b", 'f': "\f", 'v': "\v", '0': "\x00"}
	if text, ok := simple[rest[0]]; ok {
		return text, 1
	}
	width := map[byte]int{'x': 2, 'u': 4, 'U': 8}[rest[0]]
	if width == 0 || len(rest) < 2 {
		return rest[:1], 1
	}
	digits := 1
	for digits <= width && digits < len(rest) && strings.ContainsRune("0123456789abcdefABCDEF", rune(rest[digits])) {
		digits++
	}
	code, err := strconv.ParseUint(rest[1:digits], 16, 32)
	switch {
	case err != nil:
		return rest[:1], 1
	case rest[0] == 'x':
		return string([]byte{byte(code)}), digits
	default:
		return string(utf8.AppendRune(nil, rune(code))), digits
	}
}
