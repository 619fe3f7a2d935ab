package event

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// requestJSON is the request as it travels in the penstock-request header.
type requestJSON struct {
	Method string     `json:"method"`
	Path   string     `json:"path"`
	Query  string     `json:"query,omitempty"`
	Remote string     `json:"remote,omitempty"`
	Header [][]string `json:"headers"` // [name, value], or [name, value in base64, "base64"] when it is not UTF-8
}

const base64Mark = "base64"

// encodeRequest writes what requestJSON describes. It stands on the path of every event:
// reflection would take as long as all the rest of Encode.
func encodeRequest(r *Request) (string, error) {
	var b strings.Builder
	b.Grow(requestSize(r))
	b.WriteString(`{"method":`)
	writeText(&b, r.Method)
	b.WriteString(`,"path":`)
	writeText(&b, r.Path)
	if r.Query != "" {
		b.WriteString(`,"query":`)
		writeText(&b, r.Query)
	}
	if r.RemoteAddr != "" {
		b.WriteString(`,"remote":`)
		writeText(&b, r.RemoteAddr)
	}
	b.WriteString(`,"headers":[`)
	for i, f := range r.Header {
		if i > 0 {
			b.WriteByte(',')
		}
		writeField(&b, f)
	}
	b.WriteString("]}")
	if b.Len() > MaxRequest {
		return "", fmt.Errorf("%w: %d bytes", ErrRequestTooLarge, b.Len())
	}
	return b.String(), nil
}

// requestSize is the size of a request that needs no escaping.
func requestSize(r *Request) int {
	size := 64 + len(r.Method) + len(r.Path) + len(r.Query) + len(r.RemoteAddr)
	for _, f := range r.Header {
		size += len(f.Name) + len(f.Value) + 8
	}
	return size
}

func writeField(b *strings.Builder, f Field) {
	b.WriteByte('[')
	writeText(b, f.Name)
	b.WriteByte(',')
	switch {
	case plain(f.Value):
		writePlain(b, f.Value)
	case utf8.ValidString(f.Value):
		writeEscaped(b, f.Value)
	default:
		writePlain(b, base64.StdEncoding.EncodeToString([]byte(f.Value)))
		b.WriteString(`,"` + base64Mark + `"`)
	}
	b.WriteByte(']')
}

// writeText writes a JSON string (RFC 8259, section 7).
func writeText(b *strings.Builder, s string) {
	if plain(s) {
		writePlain(b, s)
	} else {
		writeEscaped(b, s)
	}
}

func writePlain(b *strings.Builder, s string) {
	b.WriteByte('"')
	b.WriteString(s)
	b.WriteByte('"')
}

// plain reports whether a JSON string of s needs no escaping.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

func writeEscaped(b *strings.Builder, s string) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil { // a string can always be encoded, and a buffer written
		return
	}
	b.Write(bytes.TrimSuffix(buf.Bytes(), []byte("\n")))
}

func decodeRequest(text string) (Request, error) {
	var in requestJSON
	if err := json.Unmarshal([]byte(text), &in); err != nil {
		return Request{}, fmt.Errorf("%w: request: %w", ErrMalformed, err)
	}
	r := Request{Method: in.Method, Path: in.Path, Query: in.Query, RemoteAddr: in.Remote}
	for _, pair := range in.Header {
		f, err := decodeField(pair)
		if err != nil {
			return Request{}, err
		}
		r.Header = append(r.Header, f)
	}
	return r, nil
}

func decodeField(pair []string) (Field, error) {
	switch {
	case len(pair) == 2:
		return Field{pair[0], pair[1]}, nil
	case len(pair) == 3 && pair[2] == base64Mark:
		value, err := base64.StdEncoding.DecodeString(pair[1])
		if err != nil {
			return Field{}, fmt.Errorf("%w: header field: %w", ErrMalformed, err)
		}
		return Field{pair[0], string(value)}, nil
	default:
		return Field{}, fmt.Errorf("%w: header field of %d parts", ErrMalformed, len(pair))
	}
}
