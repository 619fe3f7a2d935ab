package console

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/penstock/penstock/pkg/curl"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/worker/internal/console/payload"
	"github.com/penstock/penstock/worker/internal/deliver"
	"github.com/penstock/penstock/worker/internal/store"
)

// bodyFile is the name under which a body is downloaded that is too large for a page.
func bodyFile(id string, r *request) string {
	if len(r.Body) <= curl.MaxArgument {
		return ""
	}
	return id + payload.Extension(r.ContentType())
}

// curlOf writes the request as a command that sends it again, to where the source's
// sender sends it. A credential that was taken out of the header has its place, to be filled in. A large
// body is in the file that the page offers.
func (c *Console) curlOf(id, source string, r *request) string {
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
	return curl.Command{Method: r.Method, URL: address, Header: header, Body: r.Body, File: bodyFile(id, r)}.String()
}

// deliveryCurl is the request of a delivery as a command.
type deliveryCurl struct{ Route, Name, Command string } // Name: of the element that holds it

// curlsTo writes the request to the destination of each route of an event as a command. What the deliverer
// adds of its own is there; the secrets of the destination, and what a transformation or a template makes of the
// event, are not.
func (c *Console) curlsTo(e *store.Event, r *request) (all []deliveryCurl) {
	cfg := c.Config()
	for i := range e.Deliveries {
		d := &e.Deliveries[i]
		route := cfg.Routes[d.Route]
		if route == nil || cfg.Destinations[route.To] == nil || cfg.Destinations[route.To].OverAMQP() {
			continue
		}
		command := deliver.Preview(cfg.Destinations[route.To], &event.Event{
			ID: e.ID, Source: e.Source, Type: e.Type, Attempt: max(d.Attempt, 1), Request: r.Request, Body: r.Body, ReceivedAt: e.ReceivedAt,
		})
		command.Body, command.File = r.Body, bodyFile(e.ID, r)
		all = append(all, deliveryCurl{d.Route, "curl-to-" + strconv.Itoa(i), command.String()})
	}
	return all
}

// sourceURL is where the gateway takes the source's requests, as far as it is known.
func (c *Console) sourceURL(source string) string {
	if s := c.Config().Sources[source]; s != nil && s.PublicURL != "" {
		return s.PublicURL
	}
	return c.gateway() + "/in/" + url.PathEscape(source)
}
