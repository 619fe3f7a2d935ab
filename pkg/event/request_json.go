package event

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
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

func encodeRequest(r *Request) (string, error) {
	out := requestJSON{r.Method, r.Path, r.Query, r.RemoteAddr, make([][]string, len(r.Header))}
	for i, f := range r.Header {
		out.Header[i] = encodeField(f)
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(out); err != nil {
		return "", fmt.Errorf("event: encode request: %w", err)
	}
	if buf.Len() > MaxRequest {
		return "", fmt.Errorf("%w: %d bytes", ErrRequestTooLarge, buf.Len())
	}
	return string(bytes.TrimSuffix(buf.Bytes(), []byte("\n"))), nil
}

func encodeField(f Field) []string {
	if utf8.ValidString(f.Value) {
		return []string{f.Name, f.Value}
	}
	return []string{f.Name, base64.StdEncoding.EncodeToString([]byte(f.Value)), base64Mark}
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
