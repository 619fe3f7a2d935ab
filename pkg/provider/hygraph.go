package provider

import (
	"io"
	"strings"
	"unicode/utf8"

	"github.com/penstock/penstock/pkg/signature"
)

// hygraphForm is the JSON text that Hygraph signs: the body as a string, the
// environment and the time of the signature field, as ECMAScript writes them.
func hygraphForm(r *signature.Request) *signature.Request {
	parts := map[string]string{}
	for entry := range strings.SplitSeq(r.Header.Get("Gcms-Signature"), ",") {
		name, value, _ := strings.Cut(strings.TrimLeft(entry, " \t"), "=")
		if _, twice := parts[name]; twice {
			return nil
		}
		parts[name] = value
	}
	if !utf8.Valid(r.Body) || !utf8.ValidString(parts["env"]) { // ECMAScript signs a replacement for what it cannot read
		return nil
	}
	if parts["t"] == "" || strings.Trim(parts["t"], "0123456789") != "" {
		return nil
	}
	return withSigned(r, func(w io.Writer) {
		writeAll(w, `{"Body":`)
		quoteECMAScript(w, r.Body)
		writeAll(w, `,"EnvironmentName":`)
		quoteECMAScript(w, []byte(parts["env"]))
		writeAll(w, `,"TimeStamp":`, parts["t"], `}`)
	})
}

// quoteECMAScript writes text as JSON.stringify does: only a quote, a backslash and control
// characters are escaped.
func quoteECMAScript(w io.Writer, text []byte) {
	writeAll(w, `"`)
	var run [512]byte
	for out := run[:0]; len(text) > 0; {
		for len(text) > 0 && len(out) < len(run)-len(`\u0000`) {
			out, text = appendECMAScript(out, text[0]), text[1:]
		}
		_, _ = w.Write(out) // a message takes everything
		out = out[:0]
	}
	writeAll(w, `"`)
}

func appendECMAScript(out []byte, b byte) []byte {
	const hexDigits = "0123456789abcdef"
	switch {
	case b == '"' || b == '\\':
		return append(out, '\\', b)
	case b >= ' ':
		return append(out, b)
	}
	if short := strings.IndexByte("\b\f\n\r\t", b); short >= 0 {
		return append(out, '\\', "bfnrt"[short])
	}
	return append(out, '\\', 'u', '0', '0', hexDigits[b>>4], hexDigits[b&15])
}
