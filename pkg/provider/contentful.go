package provider

import (
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/signature"
)

// Contentful always signs the list itself and the time. Without them a captured line of fields could be the value of
// one, and anything be the time.
const (
	contentfulList = "x-contentful-signed-headers"
	contentfulTime = "x-contentful-timestamp"
)

// contentfulForm is what Contentful signs: method, path, the listed header fields
// by their names, and body, a line each.
func contentfulForm(r *signature.Request) *signature.Request {
	list := r.Header.Get("X-Contentful-Signed-Headers")
	if list == "" {
		return nil
	}
	names, ok := splitNames(strings.ToLower(list))
	if !ok || !slices.Contains(names, contentfulList) || !slices.Contains(names, contentfulTime) {
		return nil
	}
	slices.Sort(names)
	var fields []string
	for _, name := range names {
		if values, ok := r.Header[http.CanonicalHeaderKey(name)]; ok {
			fields = append(fields, name+":"+strings.TrimSpace(values[0]))
		}
	}
	return withSigned(r, func(w io.Writer) {
		writeAll(w, r.Method, "\n", contentfulPath(r), "\n", strings.Join(fields, ";"), "\n")
		_, _ = w.Write(r.Body) // a message takes everything
	})
}

// contentfulPath escapes the query as a whole, and then path and query again.
func contentfulPath(r *signature.Request) string {
	path := pathOf(r)
	if r.RawQuery != "" {
		query, _, _ := strings.Cut(r.RawQuery, "?")
		path += "?" + escapeExcept(query, "")
	}
	return escapeExcept(path, ";,/?:@&=+$#")
}

// escapeExcept is encodeURIComponent of ECMAScript, but for the further bytes
// that are kept.
func escapeExcept(text, keep string) string {
	const hexDigits = "0123456789ABCDEF"
	var out strings.Builder
	for i := range len(text) {
		b := text[i]
		if b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || strings.IndexByte("-_.!~*'()"+keep, b) >= 0 {
			out.WriteByte(b)
			continue
		}
		out.WriteByte('%')
		out.WriteByte(hexDigits[b>>4])
		out.WriteByte(hexDigits[b&15])
	}
	return out.String()
}
