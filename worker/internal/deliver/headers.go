package deliver

import (
	"net/http"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/penstock/penstock/pkg/event"
)

// headerFilter holds the canonical names of the fields that never travel on.
type headerFilter map[string]bool

func newHeaderFilter() headerFilter {
	f := headerFilter{}
	for _, name := range slices.Concat(hopByHop(), gateways(), ours()) {
		f[http.CanonicalHeaderKey(name)] = true
	}
	return f
}

// apply returns the fields that the provider sent and that are the destination's
// business, with their values and repetition. Besides what the filter holds it
// leaves out the fields that Connection declares to be hop-by-hop, and those that
// carried the credentials of the source.
func (f headerFilter) apply(fields []event.Field, credentials []string) http.Header {
	h := make(http.Header, len(fields)+8)
	for _, field := range fields {
		name := http.CanonicalHeaderKey(field.Name)
		if !f[name] && !strings.HasPrefix(name, ownPrefix) && sendable(name, field.Value) {
			h[name] = append(h[name], field.Value)
		}
	}
	for _, name := range slices.Concat(credentials, connectionOptions(fields)) {
		h.Del(name)
	}
	return h
}

// sendable tells a field that the HTTP client would refuse the whole request for.
func sendable(name, value string) bool {
	return httpguts.ValidHeaderFieldName(name) && httpguts.ValidHeaderFieldValue(value)
}

// hopByHop lists the fields that concern one connection only (RFC 9110 section
// 7.6.1), and those that the HTTP client sets itself.
func hopByHop() []string {
	return []string{
		"Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization",
		"TE", "Trailer", "Transfer-Encoding", "Upgrade", "HTTP2-Settings",
		"Host", "Content-Length", "Expect", "Accept-Encoding",
	}
}

// gateways lists the fields that say how the request came to the gateway. The
// destination would take them for how it came to itself.
func gateways() []string {
	return []string{
		"Forwarded", "Via", "X-Real-Ip", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port",
		"X-Forwarded-Proto", "X-Forwarded-Prefix", "X-Forwarded-Server", "X-Forwarded-Client-Cert",
	}
}

// ours lists the fields that Penstock sets, or that authenticate to Penstock.
func ours() []string { return []string{"Authorization", "Traceparent", "Tracestate"} }

// ownPrefix starts the names of the fields that only Penstock may set.
const ownPrefix = "Penstock-"

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
