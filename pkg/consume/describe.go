package consume

import (
	"bytes"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/status"
)

// describeError returns the text of an error as records and logs may show it: of bounded
// length, and without what it quotes of the event. A handler's error may quote anything.
func describeError(err error, e *event.Event) string {
	if err == nil {
		return ""
	}
	text := strings.ToValidUTF8(err.Error(), "\uFFFD")
	if len(text) > longestRead { // a quotation may go on behind the cut: none is shown
		text = strings.ToValidUTF8(text[:longestRead], "")
		if at := strings.IndexAny(text, "\"'`"); at >= 0 {
			text = text[:at]
		}
	}
	text = quotable.ReplaceAllStringFunc(text, func(word string) string { return hideQuoted(word, e) })
	if len(text) > status.MaxError {
		text = strings.ToValidUTF8(text[:status.MaxError], "")
	}
	return text
}

// longestRead is how much of an error's text is looked through, in bytes.
const longestRead = 64 << 10

// hidden replaces what an error quotes of the event.
const hidden = "[payload]"

// Words without a mark of quotation are hidden when they look like a value: a number, an
// address or a token, and not when they are words of a language, of which every payload
// has some.
const (
	leastValue = 4  // bytes of a value with a digit or an @
	leastToken = 24 // bytes of a value without
)

// quotable finds what may be quoted: what is between marks of quotation, and words.
var quotable = regexp.MustCompile("\"[^\"]*\"|'[^']*'|`[^`]*`|[^\\s\"'`(),;:=<>\\[\\]{}]+")

// hideQuoted returns a word of an error, or what replaces it when it is of the event.
func hideQuoted(word string, e *event.Event) string {
	inner := strings.Trim(word, "\"'`")
	marked := len(inner) < len(word)
	if inner == "" || !marked && !looksLikeValue(inner) || !holdsValue(e, inner) {
		return word
	}
	if marked {
		return word[:1] + hidden + word[len(word)-1:]
	}
	return hidden
}

func looksLikeValue(word string) bool {
	special := strings.ContainsFunc(word, func(r rune) bool { return unicode.IsDigit(r) || r == '@' })
	return special && len(word) >= leastValue || len(word) >= leastToken
}

// mostSearched is how large a body is that is looked through, in bytes.
const mostSearched = 1 << 20

// holdsValue reports whether a text may be a value of the event: it occurs in its body, other
// than as a key of JSON, in its query, or in a header field. A body that is compressed or large
// is taken to hold everything.
func holdsValue(e *event.Event, text string) bool {
	if len(e.Body) > mostSearched || e.Request.Get("Content-Encoding") != "" || strings.Contains(e.Request.Query, text) {
		return true
	}
	for _, f := range e.Request.Header {
		if strings.Contains(f.Value, text) {
			return true
		}
	}
	return occursAsValue(e.Body, []byte(text)) || bytes.Contains(e.Body, []byte(url.QueryEscape(text))) && url.QueryEscape(text) != text
}

// occursAsValue reports whether a text occurs other than as a key of JSON.
func occursAsValue(body, text []byte) bool {
	for {
		at := bytes.Index(body, text)
		if at < 0 {
			return false
		}
		rest := body[at+len(text):]
		after, closed := bytes.CutPrefix(rest, []byte{'"'})
		isKey := closed && at > 0 && body[at-1] == '"' && bytes.HasPrefix(bytes.TrimLeft(after, " \t\r\n"), []byte{':'})
		if !isKey {
			return true
		}
		body = rest
	}
}
