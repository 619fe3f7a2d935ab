package deliver

import (
	"net/http"
	"net/url"

	"github.com/penstock/penstock/pkg/status"
)

// keptFields are the header fields of an answer that help to find out why an attempt failed:
// what the answer is, who gave it, and by which id its owner finds it. None holds a credential.
var keptFields = []string{
	"Content-Type", "Location", "Retry-After", "Server", "Via", "WWW-Authenticate",
	"Cf-Ray", "Request-Id", "X-Amz-Cf-Id", "X-Amzn-Requestid", "X-Amzn-Trace-Id", "X-Cloud-Trace-Context",
	"X-Correlation-Id", "X-Request-Id",
}

// maxField is how much is kept of a value, in bytes.
const maxField = 128

// fieldsOf returns them of an answer that is a failure.
func fieldsOf(res *http.Response) status.Fields {
	if classify(res.StatusCode, false).reason == "" {
		return nil
	}
	kept := status.Fields{}
	for _, name := range keptFields {
		value := res.Header.Get(name)
		if name == "Location" {
			value = withoutQuery(value)
		}
		if value != "" {
			kept[name] = value[:min(len(value), maxField)]
		}
	}
	return kept
}

// withoutQuery leaves out what may be a secret in an address.
func withoutQuery(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	u.RawQuery, u.Fragment, u.User = "", "", nil
	return u.String()
}
