package ingest

// Refusals counts what is not published: the refused requests of sources, and the repetitions of accepted events, by the
// event's id. Neither method waits.
type Refusals interface {
	Count(source, reason string)
	Repeat(id string)
}

// report counts a refused request, unless it is of no source: a stranger's name is none.
func (p *Pipeline) report(r *Request, refusal *Refusal) {
	if p.refusals != nil && r.source != nil {
		p.refusals.Count(r.source.name, refusal.Reason)
	}
}

// reportAgain notes that an accepted event came again.
func (p *Pipeline) reportAgain(r *Request) {
	if p.refusals != nil && r.duplicate {
		p.refusals.Repeat(r.eventID)
	}
}
