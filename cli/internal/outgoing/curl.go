package outgoing

import (
	"github.com/penstock/penstock/pkg/curl"
	"github.com/penstock/penstock/pkg/event"
)

// CurlOptions say how curl is to send.
type CurlOptions struct {
	Insecure bool   // accept any certificate
	File     string // where the body is, byte for byte; empty: in the command
}

// Curl returns a command for a POSIX shell that sends the request.
func (r Request) Curl(o CurlOptions) string {
	c := curl.Command{Method: r.Method, URL: r.URL.String(), Body: r.Body, File: o.File, Insecure: o.Insecure}
	r.each(func(name, value string) { c.Header = append(c.Header, event.Field{Name: name, Value: value}) })
	return c.String()
}
