package provider

import (
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/signature"
)

// plivoForm is what version 3 of Plivo's signature covers: the URL with its query
// in order, the parameters in order, and the nonce.
func plivoForm(r *signature.Request) *signature.Request {
	if r.Header.Get("X-Plivo-Signature-V3") == "" {
		return r // version 2 is plain data
	}
	nonce := r.Header.Get("X-Plivo-Signature-V3-Nonce")
	query, err := url.ParseQuery(r.RawQuery)
	params, ok := signature.FormFields(r)
	if err != nil || !ok || strings.Contains(nonce, ".") || r.Method == http.MethodGet && overlap(query, params) {
		return nil
	}
	text := r.PublicURL
	if len(query)+len(params) > 0 {
		text += "?"
	}
	switch {
	case r.Method == http.MethodGet:
		maps.Copy(query, params)
		text += joinSorted(query, "=", "&")
	case len(query) > 0:
		text = strings.TrimRight(text+joinSorted(query, "=", "&")+"."+joinSorted(params, "", ""), ".")
	default:
		text += joinSorted(params, "", "")
	}
	return withSigned(r, func(w io.Writer) { writeAll(w, text, ".", nonce) })
}

// overlap reports whether a name is in both.
func overlap(a, b url.Values) bool {
	return slices.ContainsFunc(slices.Collect(maps.Keys(a)), b.Has)
}

// joinSorted writes the names in order, and the values of each name in order.
func joinSorted(values url.Values, equals, between string) string {
	size := 0
	for name, of := range values {
		for _, value := range of {
			size += len(name) + len(equals) + len(value) + len(between)
		}
	}
	var text strings.Builder
	text.Grow(size)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range slices.Sorted(slices.Values(values[name])) {
			if text.Len() > 0 {
				text.WriteString(between)
			}
			text.WriteString(name + equals)
			text.WriteString(value)
		}
	}
	return text.String()
}
