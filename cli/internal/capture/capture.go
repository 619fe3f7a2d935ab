package capture

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/penstock/penstock/pkg/signature"
)

// Captured is a request that was kept.
type Captured struct {
	Method string
	URL    *url.URL // without a host when the capture does not say; never nil
	Header http.Header
	Body   []byte
	Notes  []string // what was assumed, for people
	// Trailing says that the body may end with a line feed that was not sent:
	// nothing in the capture says how long the body is.
	Trailing bool
}

// ReadFile reads a file that a capture refers to, such as curl's --data @file.
type ReadFile func(name string) ([]byte, error)

// ErrUnknown is returned for text that is no capture.
var ErrUnknown = errors.New("this is neither raw HTTP, nor a curl command, nor JSON of a request")

// Parse reads a capture in any of the forms.
func Parse(data []byte, read ReadFile) (*Captured, error) {
	start := bytes.TrimLeft(data, " \t\r\n")
	switch {
	case len(start) == 0:
		return nil, errors.New("the capture is empty")
	case isCurl(start):
		return parseCurl(string(start), read)
	case start[0] == '{':
		return parseJSON(start)
	default:
		return parseRaw(start)
	}
}

// Of returns a request of which only the body is known.
func Of(method string, body []byte) *Captured {
	return &Captured{Method: method, URL: &url.URL{}, Header: http.Header{}, Body: body}
}

// WithoutTrailing returns the request without the line feed at the end of its
// body, and whether there is one that may be the capture's own.
func (c *Captured) WithoutTrailing() (*Captured, bool) {
	body, found := bytes.CutSuffix(c.Body, []byte("\n"))
	if !c.Trailing || !found {
		return c, false
	}
	trimmed := *c
	trimmed.Body = bytes.TrimSuffix(body, []byte("\r"))
	return &trimmed, true
}

// Request returns the request as package signature looks at it.
func (c *Captured) Request() *signature.Request {
	return &signature.Request{
		Method: c.Method, Path: c.URL.EscapedPath(), RawQuery: c.URL.RawQuery, Header: c.Header, Body: c.Body,
	}
}

func (c *Captured) notef(format string, args ...any) {
	c.Notes = append(c.Notes, fmt.Sprintf(format, args...))
}

// parseTarget reads a URL, or the path of one.
func parseTarget(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, errors.New("its URL cannot be read")
	}
	return u, nil
}
