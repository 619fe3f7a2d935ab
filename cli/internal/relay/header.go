package relay

import (
	"net/http"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/penstock/penstock/pkg/credential"
	"github.com/penstock/penstock/pkg/header"
	"github.com/penstock/penstock/pkg/trackerclient"
)

// kept are the fields that a deliverer leaves out, too.
var kept = header.NewSet(header.HopByHop(), header.Proxies(), header.Ours())

// headerOf returns the header of the request for an event: what its sender sent, and what a deliverer
// adds to say which event it is. The tracker gives no credentials.
func headerOf(e *trackerclient.RelayedEvent) http.Header {
	h := http.Header{}
	for _, field := range e.Request.Headers {
		value := valueOf(field)
		name := http.CanonicalHeaderKey(field.Name)
		if kept.Has(name) || strings.HasPrefix(header.Fold(name), header.OwnPrefix) || value == credential.Redacted ||
			!httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
			continue
		}
		h[name] = append(h[name], value)
	}
	for _, option := range connectionOptions(e.Request.Headers) {
		h.Del(option)
	}
	h.Set("Penstock-Event-Id", e.Id)
	h.Set("Penstock-Source", e.Source)
	h.Set("Penstock-Event-Type", e.Type)
	h.Set("Penstock-Attempt", "1")
	return h
}

// valueOf is the field's value, byte for byte.
func valueOf(field trackerclient.Header) string {
	if field.Bytes != nil {
		return string(*field.Bytes)
	}
	return field.Value
}

// connectionOptions are the fields that concerned the sender's connection only.
func connectionOptions(fields []trackerclient.Header) []string {
	var names []string
	for _, f := range fields {
		if strings.EqualFold(f.Name, "Connection") {
			for name := range strings.SplitSeq(f.Value, ",") {
				names = append(names, strings.TrimSpace(name))
			}
		}
	}
	return names
}
