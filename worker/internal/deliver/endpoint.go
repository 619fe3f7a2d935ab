package deliver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
)

// endpoint sends events to a URL.
type endpoint struct {
	config  *config.Destination
	senders map[string]Sender
	client  *http.Client
	filter  headerFilter
	signer  *signer
	basic   string  // the value of the field Authorization; empty: none
	bearer  *bearer // nil: without access tokens
	spans   spanner

	method   string
	composer *composer // nil: requests are made of the body alone

	certificates *certificates
}

func newEndpoint(d *config.Destination, senders map[string]Sender) (*endpoint, error) {
	client, clientErr := newClient(d)
	signer, signerErr := newSigner(d.Signing)
	bearer, bearerErr := newBearer(d)
	composer, composerErr := newComposer(d.Request)
	if err := errors.Join(clientErr, signerErr, bearerErr, composerErr); err != nil {
		return nil, err
	}
	return &endpoint{
		config: d, senders: senders, client: client, filter: newHeaderFilter(), signer: signer, certificates: &certificates{config: d},
		basic: basicOf(d.Basic), bearer: bearer, spans: requests(d), method: d.HTTPMethod(), composer: composer,
	}, nil
}

// readCertificates returns the certificates of the destination as they are now.
func (d *endpoint) readCertificates(now time.Time) Certificates { return d.certificates.read(now) }

func (d *endpoint) close() { d.client.CloseIdleConnections() }

func (d *endpoint) send(ctx context.Context, e *event.Event) (err error) {
	ctx, span := d.spans.begin(ctx, e)
	defer func() { end(span, err) }()
	req, err := d.newRequest(ctx, e, time.Now())
	switch {
	case err == nil:
	case fault.ReasonOf(err) == fault.ReasonInternal:
		return fault.Because(fault.ReasonInternal, err)
	default:
		return err
	}
	began := time.Now()
	res, err := d.sendAuthorized(req) //nolint:bodyclose // readBody closes it
	if err == nil {
		body, cut := readBody(res)
		span.SetAttributes(semconv.HTTPResponseStatusCode(res.StatusCode))
		consume.Answered(ctx, consume.Answer{Status: res.StatusCode, Body: body, Cut: cut, Fields: fieldsOf(res), Took: time.Since(began)})
		return judge(res, time.Now())
	}
	consume.Answered(ctx, consume.Answer{Took: time.Since(began)})
	return fault.Because(reasonOf(err), fmt.Errorf("deliver to %s: %w", d.config.Name, withoutURL(err)))
}

// withoutURL strips the URL that the HTTP client puts into its errors: a path or
// a query may be a secret.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}
