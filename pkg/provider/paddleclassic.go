package provider

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"

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
	for _, values := range fields {
		if len(values) != 1 {
			return nil // PHP keeps the last one, and so signs no other
		}
	}
	sig := fields["p_signature"]
	delete(fields, "p_signature")
	form := withSigned(r, func(w io.Writer) {
		writeAll(w, "a:", strconv.Itoa(len(fields)), ":{")
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			writePHPString(w, name)
			writePHPString(w, fields[name][0])
		}
		writeAll(w, "}")
	})
	form.Header = http.Header{"P-Signature": sig}
	return form
}

func writePHPString(w io.Writer, text string) {
	writeAll(w, "s:", strconv.Itoa(len(text)), `:"`, text, `";`)
}
