package content

import (
	"strings"
	"unicode/utf8"
)

// Readable is the beginning of a body as people read it.
type Readable struct {
	Text  []byte // without content coding, and in UTF-8 when it is text at all
	Whole bool   // whether Text is all of it
	How   string // what was changed, such as "from gzip, from another character set"; empty: nothing
}

// Read returns at most limit bytes of a body in the form that people read. A body whose coding cannot be read is
// shown as it is: it may have been decoded on its way.
func Read(contentType, encoding string, body []byte, limit int64) Readable {
	var how []string
	head, whole, err := Head(encoding, body, limit)
	switch {
	case err != nil:
		head, whole = body[:min(int64(len(body)), limit)], int64(len(body)) <= limit
	case Coded(encoding):
		how = append(how, "from "+coding(encoding))
	}
	if !Plain(contentType, head) {
		if text, ok := wholeText(contentType, head, whole); ok {
			head, how = text, append(how, "from another character set")
		}
	}
	return Readable{Text: head, Whole: whole, How: strings.Join(how, ", ")}
}

// wholeText is Text of a body that may end within a character.
func wholeText(contentType string, head []byte, whole bool) (text []byte, ok bool) {
	for range utf8.UTFMax {
		if text, ok = Text(contentType, head); ok || whole || len(head) == 0 {
			return text, ok
		}
		head = head[:len(head)-1]
	}
	return nil, false
}
