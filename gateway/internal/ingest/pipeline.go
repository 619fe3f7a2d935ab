package ingest

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"
	"golang.org/x/time/rate"
)

// Stage does one step of the work on a request. It returns nil to let the
// request go on, or a *Refusal. A stage that sets the answer ends the work.
// A stage is safe for concurrent use.
type Stage interface {
	Do(ctx context.Context, r *Request) error
}

// Limits bound the work in flight of the whole process.
type Limits struct {
	Requests *Budget // requests from the moment their header was accepted
	Bytes    *Budget // bytes of their bodies, and of what is made of them
}

// Pipeline runs the stages. It is safe for concurrent use.
type Pipeline struct {
	stages   []Stage
	suspects *Suspects
	metrics  *Metrics

	table       *Table // with limits and deduplicate: of what Recover does
	limits      Limits
	deduplicate deduplicate

	quarantine Quarantine
	refusals   Refusals
	log        *zap.Logger
	outages    rate.Sometimes // thins out the log lines of an outage
}

// betweenOutageLines is how often an outage is logged: metrics tell the rest.
const betweenOutageLines = 5 * time.Second

// Options are what a pipeline works with. Nothing may be nil or zero but what says so.
type Options struct {
	Table     *Table
	Publisher Publisher
	Spool     Spool // takes the events of sources that spool in an outage; nil when there are none
	Dedup     Store

	Quarantine Quarantine // takes the requests that fail verification of sources that want it; nil when there is none

	Refusals Refusals // counts what sources are refused, and what comes again, for the trackers; nil: no one does

	Suspects *Suspects
	Captured *Captured // takes the secrets that handshakes bring
	Limits   Limits
	Metrics  *Metrics
	Log      *zap.Logger
	Timeout  time.Duration // the confirm deadline of a publish; a sender's own may shorten it
}

// NewPipeline returns the pipeline with all stages in their order.
func NewPipeline(o Options) *Pipeline {
	once := deduplicate{
		publish: outage{publish{o.Publisher, o.Timeout, newDeadlines()}, o.Spool},
		store:   o.Dedup,
		metrics: o.Metrics,
		log:     o.Log,
		outages: &rate.Sometimes{Interval: betweenOutageLines},
	}
	return &Pipeline{
		stages: []Stage{
			lookup{o.Table},
			method{},
			address{},
			suspect{o.Suspects},
			rateLimit{},
			fields{},
			size{},
			contentType{},
			admit{o.Limits.Requests},
			body{o.Limits.Bytes},
			handshake{false, o.Captured, o.Log},
			prove{[]Stage{authenticate{o.Metrics}, verify{o.Metrics}}, o.Timeout},
			read{o.Limits.Bytes},
			handshake{true, o.Captured, o.Log},
			eventsOnly{},
			identify{},
			once,
			reply{},
		},
		suspects: o.Suspects,
		metrics:  o.Metrics,
		log:      o.Log,
		outages:  rate.Sometimes{Interval: betweenOutageLines},

		table:       o.Table,
		limits:      o.Limits,
		deduplicate: once,

		quarantine: o.Quarantine,
		refusals:   o.Refusals,
	}
}

// Serve works on one request until it is answered or refused. The error is
// always a *Refusal.
func (p *Pipeline) Serve(ctx context.Context, r *Request) (*Answer, error) {
	defer p.release(r)
	refusal := p.run(ctx, r)
	p.metrics.record(ctx, r, refusal)
	describe(ctx, r, refusal)
	if refusal != nil {
		if refusal.Kind == KindUnauthorized {
			refusal.Answer = r.source.refusal()
			p.suspects.failed(r.Remote, time.Now())
			p.offer(ctx, r)
		}
		p.explain(ctx, r, refusal)
		p.report(r, refusal)
		return nil, refusal
	}
	p.tell(ctx, r)
	p.reportAgain(r)
	return r.answer, nil
}

func (p *Pipeline) run(ctx context.Context, r *Request) *Refusal {
	for _, s := range p.stages {
		if err := s.Do(ctx, r); err != nil {
			return asRefusal(err)
		}
		if r.answer != nil {
			return nil
		}
	}
	return because(KindInternal, string(KindInternal), errors.New("no stage answered"))
}

func asRefusal(err error) *Refusal {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r
	}
	return because(KindInternal, string(KindInternal), err)
}

func (p *Pipeline) release(r *Request) {
	if r.admitted != nil {
		r.admitted.Give(1)
	}
	if r.holder != nil {
		r.holder.Give(r.held)
	}
	r.recycle()
}

// sourceName returns the name of a source that exists: a stranger's text must
// not reach a log or a metric.
func (r *Request) sourceName() string {
	if r.source == nil {
		return unknownSource
	}
	return r.source.name
}
