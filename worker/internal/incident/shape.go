package incident

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"
)

// How much of an answer counts, and how long a shape is at most, in bytes.
const (
	maxRead  = 4 << 10
	maxShape = 240
)

// Shape returns what answers of one kind have in common: the text with each number, id, time,
// address of a mailbox and random word replaced by #, on one line. A JSON document is first
// written with its keys in order. It is at most 240 bytes long, and empty for an empty answer.
func Shape(answer []byte) string {
	answer = sortKeys(bytes.TrimSpace(answer[:min(len(answer), maxRead)]))
	var out bytes.Buffer
	for len(answer) > 0 && out.Len() < maxShape {
		word, after := cutWord(answer)
		if len(word) > 0 {
			writeWord(&out, word)
			answer = after
			continue
		}
		r, size := utf8.DecodeRune(answer)
		writeRune(&out, r)
		answer = answer[size:]
	}
	return clipText(strings.TrimSpace(out.String()))
}

// sortKeys writes a JSON object or list with its keys in order, because some servers have
// another order in each answer. Other texts stay as they are.
func sortKeys(answer []byte) []byte {
	if len(answer) == 0 || answer[0] != '{' && answer[0] != '[' {
		return answer
	}
	var document any
	decoder := json.NewDecoder(bytes.NewReader(answer))
	decoder.UseNumber()
	if decoder.Decode(&document) != nil {
		return answer
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(document); err != nil {
		return answer
	}
	return bytes.TrimSpace(out.Bytes())
}

// cutWord returns the word that a text begins with: letters, digits, and what joins them in
// ids, times and addresses. It is empty when the text begins with something else.
func cutWord(text []byte) (word, after []byte) {
	end := 0
	for at := 0; at < len(text); {
		if isPlain(text[at]) {
			at++
			end = at
			continue
		}
		r, size := utf8.DecodeRune(text[at:])
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			end = at + size
		case !strings.ContainsRune("-_.:+@", r) || at == 0:
			return text[:end], text[end:]
		}
		at += size
	}
	return text[:end], text[end:]
}

// isPlain reports whether a byte is a letter or a digit of ASCII, as most of an answer is.
func isPlain(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// writeWord writes a word, or # for one that differs from answer to answer. What joins two
// words of a sentence, such as a colon, is not within a replaced one.
func writeWord(out *bytes.Buffer, word []byte) {
	if !isVariable(word) {
		out.Write(word)
		return
	}
	if name, _, found := bytes.Cut(word, []byte(":")); found && !isVariable(name) { // code:4711
		out.Write(name)
		out.WriteByte(':')
	}
	writeMark(out)
}

// writeMark writes one # for any number of them in a row.
func writeMark(out *bytes.Buffer) {
	before := bytes.TrimRight(out.Bytes(), " ,;/")
	if bytes.HasSuffix(before, []byte("#")) {
		out.Truncate(len(before))
		return
	}
	out.WriteByte('#')
}

// isVariable reports whether a word is a number, an id, a time or an address of a mailbox.
func isVariable(word []byte) bool {
	return bytes.ContainsFunc(word, unicode.IsDigit) || bytes.ContainsRune(word, '@') || isRandom(word)
}

// isRandom reports whether a word without digits looks random: long, with capitals in its
// middle, and hardly any vowel. An identifier of a program has vowels.
func isRandom(word []byte) bool {
	if len(word) < 16 || bytes.ContainsAny(word, ".:") {
		return false
	}
	upper, vowels := 0, 0
	for _, c := range word[1:] {
		upper += countTrue(c >= 'A' && c <= 'Z')
		vowels += countTrue(strings.IndexByte("aeiouyAEIOUY", c) >= 0)
	}
	return upper > len(word)/4 && upper < len(word)*3/4 && vowels < len(word)/4
}

func countTrue(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// writeRune writes a character between words: white space as one space, control characters not at all.
func writeRune(out *bytes.Buffer, r rune) {
	switch {
	case unicode.IsSpace(r):
		if !bytes.HasSuffix(out.Bytes(), []byte(" ")) {
			out.WriteByte(' ')
		}
	case r == utf8.RuneError || unicode.IsControl(r):
		out.WriteRune('\uFFFD')
	default:
		out.WriteRune(r)
	}
}

// clipText cuts a text to the length of a shape, between characters.
func clipText(text string) string {
	if len(text) <= maxShape {
		return text
	}
	return strings.ToValidUTF8(text[:maxShape], "")
}
