package terminal

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/penstock/penstock/pkg/visible"
)

// Safe returns text with every byte that could steer a terminal made visible,
// such as \x1b. Line feeds and tabs stay.
func Safe(text string) string {
	if !strings.ContainsFunc(text, unsafeRune) {
		return text
	}
	var b strings.Builder
	for rest := text; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, rest[0])
		case unsafeRune(r):
			b.WriteString(escape(r))
		default:
			b.WriteRune(r)
		}
		rest = rest[size:]
	}
	return b.String()
}

// Line is Safe for text that must stay on its line.
func Line(text string) string {
	return strings.NewReplacer("\n", `\n`, "\t", `\t`).Replace(Safe(text))
}

// unsafeRune also takes the character for what is no text.
func unsafeRune(r rune) bool { return visible.Unsafe(r) || r == utf8.RuneError }

func escape(r rune) string {
	if r < utf8.RuneSelf {
		return fmt.Sprintf(`\x%02x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// Indent puts prefix before every line that is not empty.
func Indent(text, prefix string) string {
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		if strings.TrimRight(line, "\r\n") != "" {
			lines[i] = prefix + line
		}
	}
	return strings.Join(lines, "")
}

// Wrap breaks text at spaces into lines of at most width characters, each of
// which starts with indent. Line feeds stay.
func Wrap(text, indent string, width int) string {
	var lines []string
	for paragraph := range strings.SplitSeq(text, "\n") {
		line := indent
		for word := range strings.FieldsSeq(paragraph) {
			if line != indent && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
				lines = append(lines, line)
				line = indent
			}
			if line != indent {
				line += " "
			}
			line += word
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}
