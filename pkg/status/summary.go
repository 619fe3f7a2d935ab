package status

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxSummary is the length of a summary in bytes.
const maxSummary = 255

// Summary says in one line why an attempt failed, for lists: how the destination's answer
// begins, as far as that is text, or else the error in words. It is empty when neither says
// anything, and for what did not fail. It has at most 255 bytes.
func (r *Record) Summary() string {
	if r.Reason == "" {
		return ""
	}
	if text := excerpt(r.Answer); text != "" {
		return text
	}
	return oneLine(r.Error)
}

// excerpt returns the text of an answer without the tags of HTML and XML; empty when the answer
// is no text.
func excerpt(answer []byte) string {
	text, ok := textOf(answer)
	if !ok {
		return ""
	}
	if strings.HasPrefix(strings.TrimLeftFunc(text, unicode.IsSpace), "<") {
		text = withoutTags(text)
	}
	return oneLine(text)
}

// textOf returns bytes as text, without a character that is cut at their end, and whether they are UTF-8.
func textOf(b []byte) (text string, ok bool) {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if last := b[len(b)-n:]; utf8.RuneStart(last[0]) {
			if !utf8.FullRune(last) {
				b = b[:len(b)-n]
			}
			break
		}
	}
	return string(b), utf8.Valid(b)
}

func withoutTags(text string) string {
	var out strings.Builder
	for text != "" {
		before, rest, _ := strings.Cut(text, "<")
		out.WriteString(before + " ")
		_, text, _ = strings.Cut(rest, ">")
	}
	return out.String()
}

// oneLine makes one line of a text, without control characters, and marks where it is cut.
func oneLine(text string) string {
	const mark = "…"
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return -1
		default:
			return r
		}
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if len(text) <= maxSummary {
		return text
	}
	return strings.ToValidUTF8(text[:maxSummary-len(mark)], "") + mark
}
