package deliver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
)

// The header fields of a batch beside those of every request, and its media types: that of the
// batched content mode of CloudEvents (https://github.com/cloudevents/spec, HTTP binding 1.0.2,
// section 3.3), and lines of JSON.
const (
	headerBatchID   = "Penstock-Batch-Id"
	headerBatchSize = "Penstock-Batch-Size"
	batchType       = "application/cloudevents-batch+json"
	linesType       = "application/x-ndjson"
)

// errCutOff means that the answer to a batch does not say what became of each event.
var errCutOff = fault.Because(fault.ReasonServerError, errors.New("the answer to a batch broke off, or was longer than 1 MiB"))

// sendBatch makes one request of several events, and returns the outcome of each.
func (d *endpoint) sendBatch(ctx context.Context, items []*item) (errs []error) {
	ctx, span := d.spans.begin(ctx, items[0].event)
	defer func() { end(span, errs[0]) }()
	req, err := d.newBatchRequest(ctx, items, time.Now())
	if err != nil {
		return same(fault.Because(fault.ReasonInternal, err), len(items))
	}
	began := time.Now()
	res, err := d.sendAuthorized(req) //nolint:bodyclose // readBody closes it
	if err != nil {
		note(items, consume.Answer{Took: time.Since(began)})
		return same(fault.Because(reasonOf(err), fmt.Errorf("deliver to %s: %w", d.config.Name, withoutURL(err))), len(items))
	}
	body, whole := readOutcomes(res)
	span.SetAttributes(semconv.HTTPResponseStatusCode(res.StatusCode))
	note(items, consume.Answer{
		Status: res.StatusCode, Body: body[:min(len(body), keepBody)], Cut: len(body) > keepBody, Fields: fieldsOf(res), Took: time.Since(began),
	})
	if err := judge(res, time.Now()); err != nil {
		if fault.IsPermanent(err) {
			err = refusedWhole{err}
		}
		return same(err, len(items))
	}
	if !whole && len(items) > 1 { // what is missing may say that an event was not taken
		return same(refusedWhole{errCutOff}, len(items))
	}
	return outcomesOf(body, items)
}

func (d *endpoint) newBatchRequest(ctx context.Context, items []*item, now time.Time) (*http.Request, error) {
	body, id := join(items, d.config.Batch.As), event.NewID()
	req, err := http.NewRequestWithContext(ctx, d.method, d.config.URL, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	req.Header.Set("Content-Type", batchType)
	if d.config.Batch.As == config.Lines {
		req.Header.Set("Content-Type", linesType)
	}
	d.addConfigured(req)
	req.Header.Set(headerBatchID, id)
	req.Header.Set(headerBatchSize, strconv.Itoa(len(items)))
	addClient(req.Header)
	if d.signer != nil {
		d.signer.sign(req.Header, id, body, now)
	}
	return req, nil
}

// join makes one body of the documents: an array, or a line for each.
func join(items []*item, as config.BatchFormat) []byte {
	var out bytes.Buffer
	for n, i := range items {
		switch {
		case as == config.Lines:
		case n == 0:
			out.WriteByte('[')
		default:
			out.WriteByte(',')
		}
		out.Write(i.document)
		if as == config.Lines {
			out.WriteByte('\n')
		}
	}
	if as != config.Lines {
		out.WriteByte(']')
	}
	return out.Bytes()
}
