package store

import (
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/incident"
)

// failing is what a record of a batch says of a failure.
type failing struct {
	key           incident.Key
	joins, failed bool
}

// failingOf returns what each record of the batch says of a failure.
func failingOf(records []status.Record) []failing {
	all := make([]failing, len(records))
	for i := range records {
		all[i].key, all[i].joins, all[i].failed = incident.Of(&records[i])
	}
	return all
}

// foldRecord takes a delivery to the incident that its last record belongs to, out of the one
// that it was in before, in the state that it was in before.
func (m *merge) foldRecord(e *eventRow, d *deliveryRow, r *status.Record, says failing, before State) {
	was := m.incidents.rows[d.Incident]
	now := was
	switch {
	case says.failed && says.joins && was != nil:
		now = m.incidents.fold(failure{key: was.Key, at: r.At, n: 1, event: e.ID})
	case says.failed:
		now = m.incidents.fold(failure{key: says.key, at: r.At, n: 1, event: e.ID, answer: incident.Said(r)})
	case d.State.Final():
		now = nil
	}
	m.incidents.leave(was, before)
	m.incidents.enter(now, d.State)
	if now != nil && now != was {
		now.Events++
	}
	d.Incident = ""
	if now != nil {
		d.Incident = now.ID
	}
	m.foldSuccess(r, d.Route, was)
}

// foldSuccess notes what speaks for the end of incidents: a delivery for all of its route,
// and a discard for the one that the event was in.
func (m *merge) foldSuccess(r *status.Record, route string, was *Incident) {
	switch {
	case r.Kind == status.Delivered:
		m.incidents.succeeded(r.At, func(i *Incident) bool { return i.Route == route })
	case r.Kind == status.Discarded && was != nil:
		m.incidents.succeeded(r.At, func(i *Incident) bool { return i == was })
	}
}

// leave takes a delivery in a state off an incident's counts.
func (f *folding) leave(i *Incident, state State) { f.countMember(i, state, -1) }

// enter adds a delivery in a state to an incident's counts.
func (f *folding) enter(i *Incident, state State) { f.countMember(i, state, 1) }

func (f *folding) countMember(i *Incident, state State, n int64) {
	if i == nil {
		return
	}
	f.touched[i.ID] = true
	switch state {
	case Dead:
		i.Dead += n
	case Pending, Retrying:
		i.Waiting += n
	default: // it is final
	}
}
