package credential

import (
	"bytes"
	"mime"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/penstock/penstock/pkg/signature"
)

// hider hides what is in the body at places of one kind, by their names. It is false when the
// body cannot be read in that way.
type hider func(body []byte, contentType string, names []string) ([]byte, bool)

// hideBody returns the body as people may see it.
func (p Places) hideBody(contentType string, body []byte) []byte {
	wanted, read := false, false
	for _, kind := range []struct {
		kind signature.PlaceKind
		hide hider
	}{{signature.InJSON, hideJSON}, {signature.InForm, hideForm}, {signature.InXML, hideXML}, {signature.InBody, hideAll}} {
		names := p.names(kind.kind)
		if len(names) == 0 || len(body) == 0 {
			continue
		}
		wanted = true
		if hidden, ok := kind.hide(body, contentType, names); ok {
			body, read = hidden, true
		}
	}
	if wanted && !read && !p.Guessed {
		return []byte(Redacted)
	}
	return body
}

func (p Places) names(kind signature.PlaceKind) []string {
	var names []string
	for _, place := range p.List {
		if place.Kind == kind {
			names = append(names, place.Name)
		}
	}
	return names
}

func hideAll([]byte, string, []string) ([]byte, bool) { return []byte(Redacted), true }

// hideForm hides fields of an urlencoded form.
func hideForm(body []byte, contentType string, names []string) ([]byte, bool) {
	media, _, _ := mime.ParseMediaType(contentType) // what is wrong is no form
	if media != "application/x-www-form-urlencoded" || !utf8.Valid(body) || bytes.ContainsFunc(body, unicode.IsControl) {
		return nil, false
	}
	var fields []string
	for field := range strings.SplitSeq(string(body), "&") {
		raw, value, _ := strings.Cut(field, "=")
		name, err := url.QueryUnescape(raw)
		if _, wrong := url.QueryUnescape(value); err != nil || wrong != nil {
			return nil, false
		}
		if slices.Contains(names, name) {
			field = raw + "=" + url.QueryEscape(Redacted)
		}
		fields = append(fields, field)
	}
	return []byte(strings.Join(fields, "&")), true
}

// span is a stretch of a body that is hidden.
type span struct{ from, to int64 }

// replaceSpans replaces stretches of the body, which are in order, by a text.
func replaceSpans(body []byte, spans []span, by string) []byte {
	var out []byte
	at := int64(0)
	for _, s := range spans {
		out = append(append(out, body[at:s.from]...), by...)
		at = s.to
	}
	return append(out, body[at:]...)
}
