package content

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"strings"
)

// How many fields a form may have, and how many parts a multipart one, files included: a part costs a kilobyte
// while it is read.
const (
	MaxFields = 10_000
	MaxParts  = 500
)

// ErrForm is the error of a form that is not wholly readable.
var ErrForm = errors.New("the body is a form that cannot be read: it has a wrong escape, a wrong boundary or too many fields")

const (
	urlencodedForm = "application/x-www-form-urlencoded"
	multipartForm  = "multipart/form-data"
)

// Field is one field of a form, decoded.
type Field struct{ Name, Value string }

// Form returns the fields of a form in their order; files are left out. It is false for a
// content type that is none of a form. A form that is not wholly readable is ErrForm.
func Form(contentType string, body []byte) (fields []Field, is bool, err error) {
	if !IsForm(contentType) {
		return nil, false, nil
	}
	kind, params, err := mime.ParseMediaType(contentType)
	switch {
	case err != nil:
		return nil, false, nil //nolint:nilerr // it names no form
	case kind == urlencodedForm:
		fields, err = urlencoded(string(body))
		return fields, true, err
	case kind == multipartForm:
		fields, err = parts(body, params["boundary"])
		return fields, true, err
	default:
		return nil, false, nil
	}
}

// IsForm reports whether a content type is one of a form. It allocates nothing.
func IsForm(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	media = strings.TrimSpace(media)
	return strings.EqualFold(media, urlencodedForm) || strings.EqualFold(media, multipartForm)
}

func urlencoded(text string) ([]Field, error) {
	if strings.Count(text, "&") >= MaxFields {
		return nil, ErrForm
	}
	var fields []Field
	for pair := range strings.SplitSeq(text, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, wrongName := url.QueryUnescape(name)
		value, wrongValue := url.QueryUnescape(value)
		if wrongName != nil || wrongValue != nil {
			return nil, ErrForm
		}
		fields = append(fields, Field{name, value})
	}
	return fields, nil
}

func parts(body []byte, boundary string) ([]Field, error) {
	mark := []byte("--" + boundary)
	if boundary == "" || bytes.Count(body, mark) > MaxParts || !bytes.Contains(body, append(mark, "--"...)) {
		return nil, ErrForm
	}
	var fields []Field
	in := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := in.NextRawPart()
		if errors.Is(err, io.EOF) {
			return fields, nil
		}
		if err != nil {
			return nil, ErrForm
		}
		if part.FileName() != "" {
			continue
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return nil, ErrForm
		}
		fields = append(fields, Field{part.FormName(), string(value)})
	}
}

// Payload returns the JSON that a form carries in its field "payload", as those of GitHub
// and Slack do. It is false when there is no such field, or when it holds no object and no list.
func Payload(fields []Field) (text string, ok bool) {
	for _, f := range fields {
		if f.Name == "payload" {
			start := strings.TrimLeft(f.Value, " \t\r\n")
			return f.Value, strings.HasPrefix(start, "{") || strings.HasPrefix(start, "[")
		}
	}
	return "", false
}
