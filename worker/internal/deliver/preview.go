package deliver

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/curl"
	"github.com/penstock/penstock/pkg/event"
)

// secretPlace is what a preview has instead of a secret.
const secretPlace = "FILL-IN"

// Preview returns the head of the request that delivers an event to an HTTP destination, for people to send
// it themselves. Secrets of the destination are replaced, there is no signature, and neither a transformation nor a
// template is applied. The event has no credentials of its source.
func Preview(d *config.Destination, e *event.Event) curl.Command {
	header := newHeaderFilter().apply(e.Request.Header, Sender{}.Credentials)
	describeIn(d.Format, header, e)
	for name := range d.Headers {
		header.Set(name, secretPlace)
	}
	if d.Basic != nil || d.OAuth2 != nil {
		header.Set(headerAuthorization, secretPlace)
	}
	addOwn(header, e)
	out := curl.Command{Method: d.HTTPMethod(), URL: withoutSecrets(d.URL)}
	for _, name := range sortedNames(header) {
		for _, value := range header[name] {
			out.Header = append(out.Header, event.Field{Name: name, Value: value})
		}
	}
	return out
}

func sortedNames(h http.Header) (names []string) {
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// withoutSecrets leaves out of an address what may be a secret: its user and its query.
func withoutSecrets(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	u.RawQuery, u.User, u.Fragment = "", nil, ""
	return u.String()
}
