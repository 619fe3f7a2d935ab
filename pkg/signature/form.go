package signature

import (
	"bytes"
	"cmp"
	"io"
	"iter"
	"mime"
	"mime/multipart"
	"net/url"
	"slices"
	"strings"
)

// maxFields is how many form fields are looked at. A form with more has none.
const maxFields = 10_000

// field is a form field or a parameter, decoded.
type field struct{ name, value string }

// pair finds a parameter in urlencoded text.
func pair(encoded []byte, name string) (string, state) {
	return only(urlencoded(encoded), name)
}

func formField(r *Request, name string) (string, state) {
	return only(formFields(r), name)
}

// only returns the value of the one field of that name.
func only(fields iter.Seq[field], name string) (string, state) {
	value, st := "", absent
	for f := range fields {
		if f.name != name {
			continue
		}
		if st == found && value != f.value {
			return "", ambiguous
		}
		value, st = f.value, found
	}
	return value, st
}

// formFields yields the fields of the body: multipart when the Content-Type says so, else urlencoded.
func formFields(r *Request) iter.Seq[field] {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err == nil && kind == "multipart/form-data" {
		return multipartFields(r.Body, params["boundary"])
	}
	return urlencoded(r.Body)
}

func urlencoded(encoded []byte) iter.Seq[field] {
	return func(yield func(field) bool) {
		if bytes.Count(encoded, []byte("&")) >= maxFields {
			return
		}
		for len(encoded) > 0 {
			var one []byte
			one, encoded, _ = bytes.Cut(encoded, []byte("&"))
			name, value, _ := bytes.Cut(one, []byte("="))
			decodedName, err := url.QueryUnescape(string(name))
			if err != nil || len(one) == 0 {
				continue
			}
			decodedValue, err := url.QueryUnescape(string(value))
			if err == nil && !yield(field{decodedName, decodedValue}) {
				return
			}
		}
	}
}

func multipartFields(body []byte, boundary string) iter.Seq[field] {
	return func(yield func(field) bool) {
		if boundary == "" || bytes.Count(body, []byte("--"+boundary)) > maxFields {
			return
		}
		parts := multipart.NewReader(bytes.NewReader(body), boundary)
		for {
			part, err := parts.NextRawPart()
			if err != nil {
				return
			}
			if part.FileName() != "" {
				continue
			}
			value, err := io.ReadAll(part)
			if err != nil || !yield(field{part.FormName(), string(value)}) {
				return
			}
		}
	}
}

// sortedForm joins name and value of all fields, ordered by the bytes of the name. Of a name with
// several values each different one counts once, in order: so do Twilio's libraries.
func sortedForm(r *Request) (string, state) {
	fields := slices.SortedFunc(formFields(r), func(a, b field) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.value, b.value))
	})
	var text strings.Builder
	for _, f := range slices.Compact(fields) {
		text.WriteString(f.name)
		text.WriteString(f.value)
	}
	return text.String(), found
}
