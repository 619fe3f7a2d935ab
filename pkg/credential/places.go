package credential

import (
	"net/url"
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/header"
	"github.com/penstock/penstock/pkg/signature"
)

// Redacted is shown instead of a credential.
const Redacted = "[redacted]"

// Places are where the requests of one source hold credentials. The zero value is for
// requests without any. Goroutines may share it.
type Places struct {
	// List holds the places.
	List []signature.Place
	// Guessed says that the list is a guess at where a credential may be. Then a body that
	// cannot be read is shown; else it is hidden, because it holds a credential somewhere.
	Guessed bool
}

// Named returns the places whose names are known.
func (p Places) Named() Places {
	p.List = slices.DeleteFunc(slices.Clone(p.List), func(place signature.Place) bool {
		return place.Name == "" && place.Kind != signature.InBody
	})
	return p
}

// TravelApart reports whether a credential is in the header or in the query, where it can be
// taken out.
func (p Places) TravelApart() bool {
	return slices.ContainsFunc(p.List, signature.Place.TravelsApart)
}

// HasHeader reports whether a header field, by any name that is the same to a receiver,
// holds a credential.
func (p Places) HasHeader(name string) bool {
	return slices.ContainsFunc(p.List, func(place signature.Place) bool {
		return place.Kind == signature.InHeader && isHeader(name, place.Name)
	})
}

func isHeader(name, wanted string) bool {
	prefix, numbered := strings.CutSuffix(wanted, "*")
	if wanted == "" || numbered && strings.HasPrefix(header.Fold(name), header.Fold(prefix)) {
		return true
	}
	return name == wanted || header.Fold(name) == header.Fold(wanted)
}

// hasQuery reports whether a parameter, whose name is decoded, holds a credential.
func (p Places) hasQuery(name string) bool {
	return slices.ContainsFunc(p.List, func(place signature.Place) bool {
		return place.Kind == signature.InQuery && (place.Name == "" || place.Name == name)
	})
}

// Strip takes the credentials in the header and in the query out of a request, and leaves
// the rest as it is. It makes a new list of header fields.
func (p Places) Strip(r *event.Request) {
	r.Query = p.StripQuery(r.Query)
	r.Header = slices.DeleteFunc(slices.Clone(r.Header), func(f event.Field) bool { return p.HasHeader(f.Name) })
}

// Fields lists the header fields that hold credentials, with Redacted in the place of each: what a request lacks that
// Strip has changed. A guess lists none.
func (p Places) Fields() []event.Field {
	var fields []event.Field
	for _, place := range p.Named().List {
		if place.Kind == signature.InHeader && !p.Guessed && !strings.HasSuffix(place.Name, "*") {
			fields = append(fields, event.Field{Name: place.Name, Value: Redacted})
		}
	}
	return fields
}

// StripQuery takes the credentials out of a query, and leaves the rest as it was sent. A
// parameter whose name cannot be decoded may be one.
func (p Places) StripQuery(query string) string {
	return p.eachParameter(query, func(string) (string, bool) { return "", false })
}

// hideQuery replaces the values of credentials in a query.
func (p Places) hideQuery(query string) string {
	return p.eachParameter(query, func(part string) (string, bool) {
		name, _, _ := strings.Cut(part, "=")
		return name + "=" + Redacted, true
	})
}

// eachParameter replaces the parameters with credentials by what change returns, or by
// nothing.
func (p Places) eachParameter(query string, change func(part string) (string, bool)) string {
	if query == "" || !slices.ContainsFunc(p.List, func(place signature.Place) bool { return place.Kind == signature.InQuery }) {
		return query
	}
	var kept []string
	for part := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(part, "=")
		name, err := url.QueryUnescape(name)
		ok := true
		if err != nil || p.hasQuery(name) {
			part, ok = change(part)
		}
		if ok {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "&")
}

// View returns a copy of the event as people may see it.
func (p Places) View(e *event.Event) *event.Event {
	shown := *e
	shown.Request.Query = p.hideQuery(e.Request.Query)
	shown.Request.Header = slices.Clone(e.Request.Header)
	for i, f := range shown.Request.Header {
		if p.HasHeader(f.Name) {
			shown.Request.Header[i].Value = Redacted
		}
	}
	shown.Body = p.hideBody(e.Request.ContentType(), e.Body)
	return &shown
}
