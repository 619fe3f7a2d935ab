package provider

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/penstock/penstock/pkg/signature"
)

// paddleClassicForm is what Paddle Classic signs: all form fields but the
// signature, ordered by name and serialized as PHP does. The signature moves to a
// header field, where the scheme finds it.
func paddleClassicForm(r *signature.Request) *signature.Request {
	fields, err := url.ParseQuery(string(r.Body))
	if err != nil || len(fields["p_signature"]) != 1 {
		return nil
	}
	form := withBody(r, nil)
	form.Header = http.Header{"P-Signature": fields["p_signature"]}
	delete(fields, "p_signature")

	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	var out strings.Builder
	out.WriteString("a:" + strconv.Itoa(len(names)) + ":{")
	for _, name := range names {
		values := fields[name]
		writePHPString(&out, name)
		writePHPString(&out, values[len(values)-1]) // PHP keeps the last one
	}
	out.WriteString("}")
	form.Body = []byte(out.String())
	return form
}

func writePHPString(out *strings.Builder, text string) {
	out.WriteString("s:" + strconv.Itoa(len(text)) + `:"` + text + `";`)
}
