package provider

import (
	"errors"
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/signature"
)

// errEcho says that what a request wants back may not be sent back.
var errEcho = errors.New("too long, or not fit for a header field")

// reply is a compiled Reply.
type reply struct {
	status      int
	contentType string
	header      []headerField
	body        *signature.Template
}

type headerField struct {
	name  string // canonical
	value *signature.Template
}

// echoes reports whether the reply repeats anything of the request.
func (r reply) echoes() bool {
	return r.body.Reads() || slices.ContainsFunc(r.header, func(f headerField) bool { return f.value.Reads() })
}

func (r reply) render(s scope) (Answer, error) {
	answer := Answer{Status: r.status, ContentType: r.contentType}
	if len(r.header) > 0 || r.contentType != "" {
		answer.Header = make(map[string]string, len(r.header)+1)
	}
	if r.contentType != "" {
		answer.Header["X-Content-Type-Options"] = "nosniff" // an echo must never be taken for a page
	}
	for _, field := range r.header {
		value, err := field.value.Render(s.request, s.key)
		if err != nil {
			return Answer{}, err
		}
		if len(value) > maxEcho || strings.ContainsFunc(value, notInField) {
			return Answer{}, errEcho
		}
		answer.Header[field.name] = value
	}
	body, err := r.body.Render(s.request, s.key)
	if err != nil {
		return Answer{}, err
	}
	if len(body) > maxEcho {
		return Answer{}, errEcho
	}
	if body != "" {
		answer.Body = []byte(body)
	}
	return answer, nil
}

// notInField reports what is no visible ASCII character or space (RFC 9110
// section 5.5).
func notInField(r rune) bool { return r < ' ' || r > '~' }
