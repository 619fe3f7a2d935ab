package outgoing

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"strings"
	"unicode/utf8"
)

// maxArgument is the size in bytes up to which a body is written into the
// command: Linux takes arguments of 128 KiB.
const maxArgument = 96 << 10

// CurlOptions say how curl is to send.
type CurlOptions struct {
	Insecure bool   // accept any certificate
	File     string // where the body is, byte for byte; empty: in the command
}

// Curl returns a command for a POSIX shell that sends the request.
func (r Request) Curl(o CurlOptions) string {
	words := []string{"curl"}
	if o.Insecure {
		words = append(words, "--insecure")
	}
	if r.Method != http.MethodPost {
		words = append(words, "--request", quote(r.Method))
	}
	words = append(words, quote(r.URL.String()))
	r.each(func(name, value string) { words = append(words, "--header", quote(field(name, value))) })
	if r.Header.Get("Content-Type") == "" {
		words = append(words, "--header", quote("Content-Type:")) // curl would add one of its own
	}
	switch {
	case o.File != "":
		words = append(words, "--data-binary", quote("@"+o.File))
	case len(r.Body) <= maxArgument && isText(r.Body):
		words = append(words, "--data-raw", quote(string(r.Body)))
	default:
		encoded := base64.StdEncoding.EncodeToString(r.Body)
		words = append(words, "--data-binary", "@-")
		return "base64 -d <<'BODY' | " + strings.Join(words, " ") + "\n" + wrap(encoded) + "BODY"
	}
	return strings.Join(words, " ")
}

// field writes a header field as curl takes it, for which "name:" means none.
func field(name, value string) string {
	if value == "" {
		return name + ";"
	}
	return name + ": " + value
}

func isText(body []byte) bool { return utf8.Valid(body) && !bytes.ContainsRune(body, 0) }

// quote makes one word of a POSIX shell.
func quote(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// wrap breaks text into lines of 76 characters.
func wrap(text string) string {
	const width = 76
	var b strings.Builder
	for text != "" {
		n := min(width, len(text))
		b.WriteString(text[:n] + "\n")
		text = text[n:]
	}
	return b.String()
}
