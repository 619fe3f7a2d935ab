package deliver

import (
	"net/http"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/penstock/penstock/pkg/credential"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/header"
)

// headerFilter holds the fields of a sender that never travel on, under any name that is
// the same to a receiver.
type headerFilter struct{ header.Set }

func newHeaderFilter() headerFilter {
	return headerFilter{header.NewSet(header.HopByHop(), header.Proxies(), header.Ours())}
}

// apply returns the fields that the provider sent and that are the destination's
// business, with their values and repetition. It leaves out what the filter holds, what
// only Penstock may set, the fields that Connection declares to be hop-by-hop, and those
// that carried the credentials of the source.
func (f headerFilter) apply(fields []event.Field, credentials credential.Places) http.Header {
	h := make(http.Header, len(fields)+8)
	for _, field := range fields {
		if !f.keepsBack(field.Name) && !credentials.HasHeader(field.Name) && sendable(field.Name, field.Value) {
			name := http.CanonicalHeaderKey(field.Name)
			h[name] = append(h[name], field.Value)
		}
	}
	for _, name := range connectionOptions(fields) {
		h.Del(name)
	}
	return h
}

func (f headerFilter) keepsBack(name string) bool {
	return f.Has(name) || strings.HasPrefix(header.Fold(name), header.OwnPrefix)
}

// dropDisguised removes the fields that a receiver could take for another one of the
// request.
func dropDisguised(h http.Header) {
	for name := range h {
		if header.Disguised(name, h) {
			delete(h, name)
		}
	}
}

// sendable tells a field that the HTTP client would refuse the whole request for.
func sendable(name, value string) bool {
	return httpguts.ValidHeaderFieldName(name) && httpguts.ValidHeaderFieldValue(value)
}

// connectionOptions returns the fields that the Connection field declares to be
// hop-by-hop.
func connectionOptions(fields []event.Field) []string {
	var names []string
	for _, f := range fields {
		if !strings.EqualFold(f.Name, "Connection") {
			continue
		}
		for name := range strings.SplitSeq(f.Value, ",") {
			names = append(names, strings.TrimSpace(name))
		}
	}
	return names
}
