package console

import (
	"net/url"

	"github.com/penstock/penstock/pkg/curl"
)

// curlOf writes the request as a command that sends it again, to where the source's
// sender sends it.
func (c *Console) curlOf(source string, r *request) string {
	address := c.sourceURL(source)
	if r.Query != "" {
		address += "?" + r.Query
	}
	return curl.Command{Method: r.Method, URL: address, Header: r.Header, Body: r.Body}.String()
}

// sourceURL is where the gateway takes the source's requests, as far as it is known.
func (c *Console) sourceURL(source string) string {
	if s := c.Config().Sources[source]; s != nil && s.PublicURL != "" {
		return s.PublicURL
	}
	return c.gateway() + "/in/" + url.PathEscape(source)
}
