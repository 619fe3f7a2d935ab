package deliver

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/content"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
)

const (
	specVersion    = "1.0"
	cloudPrefix    = "Ce-"
	structuredType = "application/cloudevents+json"
	cloudBody      = 32 << 20 // of a body without its content coding, in bytes
)

// cloudEvent has the attributes of a CloudEvent (https://github.com/cloudevents/spec). An id is
// unique within a source.
type cloudEvent struct {
	SpecVersion string `json:"specversion"`
	ID          string `json:"id"`
	Source      string `json:"source"`
	Type        string `json:"type"`
	Time        string `json:"time"`
	ContentType string `json:"datacontenttype,omitempty"`
}

func cloudEventOf(e *event.Event) cloudEvent {
	return cloudEvent{
		SpecVersion: specVersion, ID: e.ID, Source: "/in/" + e.Source, Type: e.Type,
		Time: e.ReceivedAt.UTC().Format(time.RFC3339Nano), ContentType: e.Request.ContentType(),
	}
}

// bodyIn returns the body of an event in a format.
func bodyIn(f config.Format, e *event.Event) ([]byte, error) {
	if f != config.CloudEventsStructured {
		return e.Body, nil
	}
	body, err := content.Decode(e.Request.Get("Content-Encoding"), e.Body, cloudBody)
	if err != nil {
		return nil, fault.Permanent(fault.Because(fault.ReasonUnreadable, fmt.Errorf("take off the body's content coding: %w", err)))
	}
	out, err := json.Marshal(cloudEventOf(e))
	if err != nil {
		return nil, fmt.Errorf("write the attributes: %w", err)
	}
	return append(append(out[:len(out)-1], data(e.Request.ContentType(), body)...), '}'), nil
}

// data returns the member that holds the body: as it is when it is JSON, else as base64.
func data(contentType string, body []byte) string {
	if isJSON(contentType) && utf8.Valid(body) && json.Valid(body) {
		return `,"data":` + string(body)
	}
	return `,"data_base64":"` + base64.StdEncoding.EncodeToString(body) + `"`
}

// isJSON reports whether a media type is JSON's. A CloudEvent without one is JSON. Types that
// end in +json travel as base64: not every SDK reads them otherwise.
func isJSON(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return contentType == "" || err == nil && (kind == "application/json" || kind == "text/json")
}

// describeIn adds what a format says in header fields. Attributes that the sender sent are not
// this CloudEvent's.
func describeIn(f config.Format, h http.Header, e *event.Event) {
	if f == "" {
		return
	}
	for name := range h {
		if strings.HasPrefix(name, cloudPrefix) {
			delete(h, name)
		}
	}
	if f == config.CloudEventsStructured {
		h.Set("Content-Type", structuredType)
		h.Del("Content-Encoding")
		return
	}
	c := cloudEventOf(e)
	for name, value := range map[string]string{"Specversion": c.SpecVersion, "Id": c.ID, "Source": c.Source, "Type": c.Type, "Time": c.Time} {
		h.Set(cloudPrefix+name, percentEncoded(value))
	}
}

// percentEncoded writes an attribute as the HTTP binding has it in a header field, section 3.1.3.2.
func percentEncoded(value string) string {
	var out strings.Builder
	for _, c := range []byte(value) {
		if c <= ' ' || c > '~' || c == '"' || c == '%' {
			fmt.Fprintf(&out, "%%%02X", c)
		} else {
			out.WriteByte(c)
		}
	}
	return out.String()
}
