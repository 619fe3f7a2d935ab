package api

import (
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/event"
)

// redacted stands for a sender's credential.
const redacted = "[redacted]"

// Redact returns the header of a source's request as people may see it: without
// credentials, and valid UTF-8. The source may be nil when it is not configured any more.
func Redact(s *config.Source, header []event.Field) []event.Field {
	secret := credentials(s)
	shown := make([]event.Field, len(header))
	for i, f := range header {
		if slices.Contains(secret, strings.ToLower(f.Name)) {
			f.Value = redacted
		}
		shown[i] = event.Field{Name: f.Name, Value: strings.ToValidUTF8(f.Value, "\uFFFD")}
	}
	return shown
}

// credentials returns the header fields in which the source's senders identify
// themselves, in lower case. A source that is gone may have used any.
func credentials(s *config.Source) []string {
	names := []string{"authorization", "proxy-authorization", "cookie", "x-api-key"}
	if s == nil {
		return names
	}
	for _, method := range s.Auth {
		if method.APIKey != nil {
			names = append(names, strings.ToLower(method.APIKey.Header))
		}
	}
	return names
}
