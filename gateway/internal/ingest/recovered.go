package ingest

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/signature"
)

// Recover accepts an event that a tracker fetched from its provider, because the provider could
// not deliver it. It is claimed as the provider's own request would be: if that came before, or
// comes later, the event is accepted once. Whatever it was accepted under before, it begins no
// further round. The event keeps its id, its mark, and no signature that it could have had.
//
// The error is a *Refusal.
func (p *Pipeline) Recover(ctx context.Context, e *event.Event) error {
	r := &Request{
		Name: e.Source, HTTP: requestOf(e), Remote: netip.IPv6Unspecified(), Arrived: time.Now(),
		body: e.Body, recovered: e.Recovered, proposed: e.ID,
	}
	defer p.release(r)
	for _, stage := range []Stage{lookup{p.table}, recovered{p.limits.Bytes}, identify{}, p.deduplicate} {
		if err := stage.Do(ctx, r); err != nil {
			refusal := asRefusal(err)
			p.metrics.record(ctx, r, refusal)
			p.report(r, refusal)
			return refusal
		}
	}
	r.answer = &Answer{Status: http.StatusAccepted, EventID: r.eventID, Duplicate: r.duplicate} // the metrics count by it
	p.metrics.record(ctx, r, nil)
	p.reportAgain(r)
	return nil
}

// requestOf is the request that the event stands for.
func requestOf(e *event.Event) *http.Request {
	h := http.Header{}
	for _, f := range e.Request.Header {
		h.Add(f.Name, f.Value)
	}
	return &http.Request{Method: e.Request.Method, URL: &url.URL{Path: e.Request.Path, RawQuery: e.Request.Query}, Header: h}
}

// recovered makes of the body at hand what the stages before identify make of one that arrives.
type recovered struct{ budget *Budget }

func (s recovered) Do(ctx context.Context, r *Request) error {
	if int64(len(r.body)) > r.source.maxBody {
		return tooLarge(r.source.maxBody)
	}
	if !body(s).hold(r, int64(len(r.body))) {
		return overloaded("byte-budget")
	}
	r.signed = signature.Request{
		Method: r.HTTP.Method, Path: r.HTTP.URL.EscapedPath(), RawQuery: r.HTTP.URL.RawQuery, Header: r.HTTP.Header, Body: r.body, Work: &r.work,
	}
	return read(s).Do(ctx, r)
}
