package capture

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// parseRaw reads HTTP/1.1 (RFC 9112) with either kind of line end.
func parseRaw(data []byte) (*Captured, error) {
	c := &Captured{Method: http.MethodPost, URL: &url.URL{}, Header: http.Header{}}
	line, rest := cutLine(data)
	if method, target, ok := requestLine(line); ok {
		u, err := parseTarget(target)
		if err != nil {
			return nil, err
		}
		c.Method, c.URL = method, u
	} else {
		rest = data
		c.notef("there is no request line; POST is assumed")
	}
	rest, err := c.fields(rest)
	if err != nil {
		return nil, err
	}
	if c.URL.Host == "" {
		c.URL.Host = c.Header.Get("Host")
	}
	return c, c.rawBody(rest)
}

// requestLine reads "POST /path HTTP/1.1". The version may be missing.
func requestLine(line string) (method, target string, ok bool) {
	words := strings.Fields(line)
	if len(words) < 2 || len(words) > 3 || strings.HasSuffix(words[0], ":") {
		return "", "", false
	}
	if len(words) == 3 && !strings.HasPrefix(words[2], "HTTP/") {
		return "", "", false
	}
	isTarget := strings.HasPrefix(words[1], "/") || strings.Contains(words[1], "://")
	return words[0], words[1], isTarget && httpguts.ValidHeaderFieldName(words[0])
}

// fields reads the header and returns what follows the empty line.
func (c *Captured) fields(data []byte) ([]byte, error) {
	for len(data) > 0 {
		line, rest := cutLine(data)
		if line == "" {
			return rest, nil
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || !httpguts.ValidHeaderFieldName(name) {
			return nil, fmt.Errorf("%w: a line of its header is not 'name: value'", ErrUnknown)
		}
		c.Header.Add(name, strings.Trim(value, " \t"))
		data = rest
	}
	return nil, nil
}

func (c *Captured) rawBody(data []byte) error {
	if strings.EqualFold(c.Header.Get("Transfer-Encoding"), "chunked") {
		return c.chunked(data)
	}
	c.Body = data
	length, err := strconv.Atoi(c.Header.Get("Content-Length"))
	switch {
	case err != nil || length < 0:
		c.Trailing = true
	case length < len(data) && len(bytes.Trim(data[length:], "\r\n")) == 0:
		c.Body = data[:length] // an editor ends a file with a line feed
	case length != len(data):
		c.notef("the body has %d bytes, but Content-Length says %d: it was changed, or cut", len(data), length)
		c.Trailing = true
	}
	return nil
}

func (c *Captured) chunked(data []byte) error {
	body, err := io.ReadAll(httputil.NewChunkedReader(bytes.NewReader(data)))
	if err == nil {
		c.Body = body
		return nil
	}
	if len(body) > 0 {
		return errors.New("its chunked body breaks off")
	}
	c.Body, c.Trailing = data, true // most tools show a chunked body already put together
	return nil
}

// cutLine returns the first line without its end, and the rest.
func cutLine(data []byte) (line string, rest []byte) {
	first, rest, _ := bytes.Cut(data, []byte("\n"))
	return strings.TrimSuffix(string(first), "\r"), rest
}
