package console

import (
	"net/url"
	"slices"

	"github.com/penstock/penstock/pkg/curl"
)

// curlOf writes the request as a command that sends it again, to where the source's
// sender sends it. A credential that was taken out of the header has its place, to be filled in.
func (c *Console) curlOf(source string, r *request) string {
	address := c.sourceURL(source)
	if r.Query != "" {
		address += "?" + r.Query
	}
	header := slices.Clone(r.Header)
	for _, f := range c.Config().Hidden(source).Fields() {
		if r.Get(f.Name) == "" {
			header = append(header, f)
		}
	}
	return curl.Command{Method: r.Method, URL: address, Header: header, Body: r.Body}.String()
}

// sourceURL is where the gateway takes the source's requests, as far as it is known.
func (c *Console) sourceURL(source string) string {
	if s := c.Config().Sources[source]; s != nil && s.PublicURL != "" {
		return s.PublicURL
	}
	return c.gateway() + "/in/" + url.PathEscape(source)
}
