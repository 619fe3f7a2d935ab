package signature

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// How many fields of a form are read, and how many parts of a multipart one, which cost a kilobyte each. A form
// with more is malformed.
const (
	maxFields = 10_000
	maxParts  = 500
)

const (
	mediaForm      = "application/x-www-form-urlencoded"
	mediaMultipart = "multipart/form-data"
)

// field is a form field, decoded.
type field struct{ name, value string }

// form is a body that was read as a form.
type form struct {
	fields []field
	exact  bool // the fields are all that the body says
	broken bool // the body cannot be read wholly; there are no fields then

	of      []byte            // the body
	content []string          // its Content-Type
	joined  string            // what sorted returned
	opened  map[string][]byte // what bytes returned, by name
}

// readForm reads the body as a form, once for all that look at the request's Work.
func (r *Request) readForm() *form {
	content := r.Header["Content-Type"]
	if r.Work != nil && r.Work.form.isOf(r.Body, content) {
		return r.Work.form
	}
	f := readForm(r)
	f.of, f.content = r.Body, content
	if r.Work != nil {
		r.Work.form = &f
	}
	return &f
}

// isOf reports whether this is the form of that very body.
func (f *form) isOf(body []byte, content []string) bool {
	return f != nil && len(body) > 0 && len(f.of) == len(body) && &f.of[0] == &body[0] && slices.Equal(f.content, content)
}

// readForm reads the body: as multipart when the Content-Type says so, else as urlencoded. Only an
// urlencoded form is exact. What surrounds the parts of a multipart body is no field.
func readForm(r *Request) form {
	if len(r.Body) == 0 {
		return form{exact: true}
	}
	content, st := single(r.Header["Content-Type"])
	media, _, _ := strings.Cut(content, ";")
	media = strings.ToLower(strings.TrimSpace(media))
	if media == mediaMultipart {
		return readMultipart(r.Body, content)
	}
	f := readUrlencoded(string(r.Body))
	f.exact = f.exact && len(r.Header["Content-Encoding"]) == 0 && (st == absent || st == found && media == mediaForm)
	return f
}

// readUrlencoded reads every pair. A form with an empty pair, an empty name or a bare semicolon is
// not exact: parsers do not agree on them.
func readUrlencoded(body string) form {
	pairs := strings.Count(body, "&") + 1
	if pairs > maxFields {
		return form{broken: true}
	}
	f := form{exact: !strings.Contains(body, ";"), fields: make([]field, 0, pairs)}
	for one := range strings.SplitSeq(body, "&") {
		name, value, _ := strings.Cut(one, "=")
		decodedName, nameErr := url.QueryUnescape(name)
		decodedValue, valueErr := url.QueryUnescape(value)
		switch {
		case nameErr != nil || valueErr != nil:
			return form{broken: true}
		case decodedName == "":
			f.exact = false
		default:
			f.fields = append(f.fields, field{decodedName, decodedValue})
		}
	}
	return f
}

// readMultipart reads the parts that are no files.
func readMultipart(body []byte, content string) form {
	_, params, err := mime.ParseMediaType(content)
	boundary := params["boundary"]
	if err != nil || boundary == "" || bytes.Count(body, []byte("--"+boundary)) > maxParts {
		return form{broken: true}
	}
	var f form
	room := bytes.NewBuffer(make([]byte, 0, len(body)))
	for parts := multipart.NewReader(bytes.NewReader(body), boundary); ; {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return f
		}
		if err != nil {
			return form{broken: true}
		}
		room.Reset()
		if _, err := io.Copy(room, part); err != nil {
			return form{broken: true}
		}
		if part.FileName() == "" {
			f.fields = append(f.fields, field{part.FormName(), room.String()})
		}
	}
}

// value returns the value of the one field of that name.
func (f *form) value(name string) (string, state) {
	if f.broken {
		return "", malformed
	}
	value, st := "", absent
	for _, one := range f.fields {
		if one.name != name {
			continue
		}
		if st == found && value != one.value {
			return "", ambiguous
		}
		value, st = one.value, found
	}
	return value, st
}

// bytes is value for who needs bytes. They are made once.
func (f *form) bytes(name string) ([]byte, state) {
	if data, there := f.opened[name]; there {
		return data, found
	}
	text, st := f.value(name)
	if st != found {
		return nil, st
	}
	if f.opened == nil {
		f.opened = map[string][]byte{}
	}
	f.opened[name] = []byte(text)
	return f.opened[name], found
}

// sorted joins name and value of all fields, ordered by the bytes of the name. Of a name with
// several values each different one counts once, in order: so do Twilio's libraries.
func (f *form) sorted() (string, state) {
	if f.broken {
		return "", malformed
	}
	if f.joined == "" {
		f.joined = joinFields(ordered(f.fields))
	}
	return f.joined, found
}

// ordered are the different fields, ordered by the bytes of name and value.
func ordered(fields []field) []field {
	fields = slices.Clone(fields)
	slices.SortFunc(fields, func(a, b field) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.value, b.value))
	})
	return slices.Compact(fields)
}

func joinFields(fields []field) string {
	size := 0
	for _, one := range fields {
		size += len(one.name) + len(one.value)
	}
	var text strings.Builder
	text.Grow(size)
	for _, one := range fields {
		text.WriteString(one.name)
		text.WriteString(one.value)
	}
	return text.String()
}

// WriteForm writes what the form of the body says, in one way in whatever order and spelling it is written: each
// different field once, without those of the names. It is false, and writes nothing, when there are no fields or they
// are not all that the body says. Errors of w are not reported.
func WriteForm(w io.Writer, r *Request, without ...string) bool {
	f := r.readForm()
	if !f.exact || len(f.fields) == 0 {
		return false
	}
	out := bufio.NewWriter(w)
	for _, one := range ordered(f.fields) {
		if slices.Contains(without, one.name) {
			continue
		}
		for _, text := range []string{one.name, one.value} {
			_, _ = out.WriteString(strconv.Itoa(len(text)) + " ") // Flush would return the error
			_, _ = out.WriteString(text)
		}
	}
	_ = out.Flush()
	return true
}

// FormFields returns the fields of an urlencoded body. It is false when the fields are not all that
// the body says, for instance because a part of it cannot be decoded.
func FormFields(r *Request) (url.Values, bool) {
	f := r.readForm()
	if !f.exact {
		return nil, false
	}
	values := make(url.Values, len(f.fields))
	for _, one := range f.fields {
		values.Add(one.name, one.value)
	}
	return values, true
}

// pair finds a parameter in a query. A parameter of that name whose value cannot be decoded is
// malformed; what else cannot be decoded is no parameter.
func pair(query, name string) (string, state) {
	value, st := "", absent
	for one := range strings.SplitSeq(query, "&") {
		rawName, rawValue, _ := strings.Cut(one, "=")
		if decoded, err := url.QueryUnescape(rawName); err != nil || decoded != name || one == "" {
			continue
		}
		decoded, err := url.QueryUnescape(rawValue)
		if err != nil {
			return "", malformed
		}
		if st == found && value != decoded {
			return "", ambiguous
		}
		value, st = decoded, found
	}
	return value, st
}
