package capture

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// document has the names that tools use.
type document struct {
	Method   string          `json:"method"`
	HTTP     string          `json:"httpMethod"` // AWS Lambda
	URL      string          `json:"url"`
	Path     string          `json:"path"`
	Header   json.RawMessage `json:"header"`
	Headers  json.RawMessage `json:"headers"`
	Body     json.RawMessage `json:"body"`
	Encoded  []byte          `json:"bodyBase64"`
	IsBase64 bool            `json:"isBase64Encoded"` // AWS Lambda
	PostData struct {
		Text string `json:"text"`
	} `json:"postData"` // HAR
	Request *document `json:"request"` // HAR
}

func parseJSON(data []byte) (*Captured, error) {
	var d document
	if err := json.Unmarshal(data, &d); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	if d.Request != nil {
		d = *d.Request
	}
	c := &Captured{Method: first(d.Method, d.HTTP, http.MethodPost), Header: http.Header{}}
	var err error
	if c.URL, err = parseTarget(first(d.URL, d.Path)); err != nil {
		return nil, err
	}
	raw := d.Headers
	if len(raw) == 0 {
		raw = d.Header
	}
	if len(raw) == 0 {
		return nil, fmt.Errorf("%w: it has no headers; is it the body alone? Then use --body and --header", ErrUnknown)
	}
	if err := c.jsonHeader(raw); err != nil {
		return nil, err
	}
	if c.URL.Host == "" {
		c.URL.Host = c.Header.Get("Host")
	}
	return c, c.jsonBody(d)
}

// jsonHeader reads {"name": "value"}, {"name": ["value"]} or [{"name":…, "value":…}].
func (c *Captured) jsonHeader(raw json.RawMessage) error {
	var pairs []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	if json.Unmarshal(raw, &pairs) == nil {
		for _, p := range pairs {
			c.Header.Add(p.Name, p.Value)
		}
		return nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return errors.New("its headers are neither an object nor a list")
	}
	for name, value := range fields {
		var one string
		var many []string
		switch {
		case json.Unmarshal(value, &one) == nil:
			c.Header.Add(name, one)
		case json.Unmarshal(value, &many) == nil:
			for _, v := range many {
				c.Header.Add(name, v)
			}
		default:
			return fmt.Errorf("its header %q is no text", name)
		}
	}
	return nil
}

func (c *Captured) jsonBody(d document) error {
	var text string
	switch {
	case d.Encoded != nil:
		c.Body = d.Encoded
	case d.PostData.Text != "":
		c.Body = []byte(d.PostData.Text)
	case len(d.Body) == 0 || string(d.Body) == "null":
	case json.Unmarshal(d.Body, &text) == nil && d.IsBase64:
		body, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return errors.New("its body is not base64, though it says so")
		}
		c.Body = body
	case d.Body[0] == '"':
		c.Body = []byte(text)
	default:
		c.Body = d.Body
		c.notef("the body is JSON inside of JSON: whoever wrote the capture may have changed its spaces")
	}
	return nil
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
