package ingest

// Refusals counts the refused requests of sources. Count never waits.
type Refusals interface {
	Count(source, reason string)
}

// report counts a refused request, unless it is of no source: a stranger's name is none.
func (p *Pipeline) report(r *Request, refusal *Refusal) {
	if p.refusals != nil && r.source != nil {
		p.refusals.Count(r.source.name, refusal.Reason)
	}
}
