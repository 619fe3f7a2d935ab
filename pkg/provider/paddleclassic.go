package provider

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/penstock/penstock/pkg/signature"
)

// paddleClassicForm is what Paddle Classic signs: all form fields but the
// signature, ordered by name and serialized as PHP does. The signature moves to a
// header field, where the scheme finds it.
func paddleClassicForm(r *signature.Request) *signature.Request {
	fields, ok := signature.FormFields(r)
	if !ok || len(fields["p_signature"]) != 1 {
		return nil
	}
	form := withBody(r, nil)
	form.Header = http.Header{"P-Signature": fields["p_signature"]}
	delete(fields, "p_signature")

	var out strings.Builder
	out.WriteString("a:" + strconv.Itoa(len(fields)) + ":{")
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if len(fields[name]) != 1 {
			return nil // PHP keeps the last one, and so signs no other
		}
		writePHPString(&out, name)
		writePHPString(&out, fields[name][0])
	}
	out.WriteString("}")
	form.Body = []byte(out.String())
	return form
}

func writePHPString(out *strings.Builder, text string) {
	out.WriteString("s:" + strconv.Itoa(len(text)) + `:"` + text + `";`)
}
