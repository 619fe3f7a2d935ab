package signature

import (
	"net/http"
	"slices"
	"strings"
)

// Place is a part of a request in which the sender sends a secret as it is. Who reads it
// can send requests that verify.
type Place struct {
	// Kind is [InHeader], [InQuery], [InForm], [InJSON], [InXML] or [InBody].
	Kind PlaceKind
	// Name is the canonical name of a header field, which ends in "*" for all that begin with
	// it; the name of a parameter or of a form field; a path in JSON, in which an index means
	// every item of its list; or the local name of an XML element. Empty: it is not known, and
	// may be any of the kind. The whole body has none.
	Name string
}

// PlaceKind is the part of a request that a [Place] is in.
type PlaceKind string

// The kinds of places.
const (
	InHeader PlaceKind = "header"
	InQuery  PlaceKind = "query"
	InForm   PlaceKind = "form"
	InJSON   PlaceKind = "json"
	InXML    PlaceKind = "xml"
	InBody   PlaceKind = "body"
)

// TravelsApart reports whether the place is no part of the body, and so can be taken out
// of an event whose body stays as it is.
func (p Place) TravelsApart() bool { return p.Kind == InHeader || p.Kind == InQuery }

// ParsePlace reads a location, with or without filters, as a place. It is false for a
// location that is no place of its own, such as the URL.
func ParsePlace(location string) (Place, bool) {
	location, _, _ = strings.Cut(location, "|")
	kind, name, _ := strings.Cut(strings.TrimSuffix(strings.TrimSpace(location), "?"), ":")
	switch kind {
	case atHeader:
		return Place{InHeader, http.CanonicalHeaderKey(name)}, true
	case atQuery, atForm, atJSON, string(InXML):
		return Place{PlaceKind(kind), name}, true
	case atJSONRaw:
		return Place{InJSON, name}, true
	case atFormJSON:
		field, _, _ := strings.Cut(name, "/")
		return Place{InForm, field}, true
	case atBody:
		return Place{Kind: InBody}, true
	}
	return Place{}, false
}

// Credentials lists where requests hold a secret of the source as it is: the places of a
// token, of the scheme and of its alternates, and those that must equal a setting. A
// signature is no credential, because it is of one message only.
func (s Scheme) Credentials() []Place {
	var places []Place
	if s.Alg == algToken {
		places = appendPlaces(places, s.Sig...)
	}
	also := slices.Clone(s.Also)
	if s.JSONVariant != nil {
		also = append(also, s.JSONVariant.Also...)
	}
	for _, pair := range also {
		if slices.ContainsFunc(pair, isSetting) {
			places = appendPlaces(places, pair...)
		}
	}
	for _, alternate := range s.Alt {
		places = append(places, alternate.Credentials()...)
	}
	return places
}

func isSetting(location string) bool { return strings.HasPrefix(location, atConfig+":") }

func appendPlaces(places []Place, locations ...string) []Place {
	for _, location := range locations {
		if place, ok := ParsePlace(location); ok {
			places = append(places, place)
		}
	}
	return places
}
