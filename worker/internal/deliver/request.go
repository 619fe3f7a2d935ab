package deliver

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/propagation"

	"github.com/penstock/penstock/pkg/buildinfo"
	"github.com/penstock/penstock/pkg/event"
)

// The header fields that every request carries.
const (
	headerEventID   = "Penstock-Event-Id"
	headerAttempt   = "Penstock-Attempt"
	headerSource    = "Penstock-Source"
	headerEventType = "Penstock-Event-Type"
	headerReplay    = "Penstock-Replay"    // of an event that is delivered once more
	headerRecovered = "Penstock-Recovered" // of an event that was fetched, and so is not signed
)

// newRequest makes the request that delivers e.
func (d *endpoint) newRequest(ctx context.Context, e *event.Event, now time.Time) (*http.Request, error) {
	body, err := bodyIn(d.config.Format, e)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, d.method, d.config.URL, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	from := d.senders[e.Source]
	req.Header = d.filter.apply(e.Request.Header, from.Credentials)
	describeIn(d.config.Format, req.Header, e)
	if d.config.ForwardCredentials {
		if err := from.addSecret(req, body); err != nil {
			return nil, err
		}
	}
	d.addConfigured(req)
	if d.composer != nil {
		if err := d.composer.compose(req, e); err != nil {
			return nil, err
		}
	}
	addOwn(req.Header, e)
	propagation.TraceContext{}.Inject(ctx, propagation.HeaderCarrier(req.Header))
	if d.signer != nil {
		d.signer.sign(req.Header, e.ID, body, now)
	}
	dropDisguised(req.Header)
	return req, nil
}

func (d *endpoint) addConfigured(req *http.Request) {
	for name, value := range d.config.Headers {
		if http.CanonicalHeaderKey(name) == "Host" {
			req.Host = value.Reveal()
			continue
		}
		req.Header.Set(name, value.Reveal())
	}
	if d.basic != "" {
		req.Header.Set(headerAuthorization, d.basic)
	}
}

func addOwn(h http.Header, e *event.Event) {
	h.Set(headerEventID, e.ID)
	h.Set(headerAttempt, strconv.Itoa(e.Attempt))
	h.Set(headerSource, e.Source)
	h.Set(headerEventType, e.Type)
	if e.Replay.ID != "" {
		h.Set(headerReplay, e.Replay.ID)
	}
	if e.Recovered != "" {
		h.Set(headerRecovered, e.Recovered)
	}
	addClient(h)
}

// addClient adds what says who sends the request, and how.
func addClient(h http.Header) {
	if !has(h, "User-Agent") {
		h.Set("User-Agent", "Penstock/"+buildinfo.Version())
	}
	// An empty Idempotency-Key is not sent. It lets the client send the request
	// again by itself when a kept-alive connection turns out to be closed.
	if !has(h, "Idempotency-Key") {
		h["Idempotency-Key"] = []string{}
	}
}

func has(h http.Header, name string) bool { return len(h[name]) > 0 }
