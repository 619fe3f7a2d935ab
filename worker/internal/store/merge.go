package store

import (
	"time"

	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/status"
)

// merge is the part of the store that a batch touches, in memory: loaded, changed,
// and saved again. There is one writer, so nothing changes in between.
type merge struct {
	events  map[string]*eventRow
	order   []*eventRow // as they were met, so that saving goes through the tables in order
	lastSeq int64
	history []historyRow
	answers []answerRow
	tallies map[tally]int64
	traffic map[traffic]int64

	cancelling cancelling

	incidents *folding
	fresh     map[typeOf]bool    // of the events that no route takes: the types that were never seen before
	failures  map[string]Failure // the last one of each route
	latencies map[latency]int64
}

// eventRow is an event in work.
type eventRow struct {
	Event
	deliveries map[string]*deliveryRow
	routes     []string // in the order of their appearance
	changed    bool     // or new
	stored     bool
	unrouted   bool   // as it is stored
	counted    string // the source under which it is stored

	rounds map[round]bool // that its history knows; loaded for what was accepted on a further round
}

// round is a further round of an event on a route.
type round struct{ route, replay string }

// deliveryRow is a delivery in work.
type deliveryRow struct {
	Delivery
	was     State // as it is stored; "" when it is new
	due     int64 // milliseconds: from when on something should be heard of it
	changed bool
}

type historyRow struct {
	seq   int64
	route string
	n     int
	fact  Fact
}

// answerRow is what a destination said to an attempt.
type answerRow struct {
	answered
	Answer

	seq int64
}

// tally is what is counted: deliveries by state, and events under the empty route.
type tally struct{ source, route, state string }

// traffic is what happened in one minute.
type traffic struct {
	minute              int64
	source, route, kind string
}

const tallyAccepted = "accepted"

// AcceptedKind is the kind under which the traffic counts accepted events.
const AcceptedKind = tallyAccepted

func newMerge(lastSeq int64) *merge {
	return &merge{
		events: map[string]*eventRow{}, lastSeq: lastSeq, tallies: map[tally]int64{}, traffic: map[traffic]int64{},
		cancelling: cancelling{withheld: map[consume.Round]bool{}}, incidents: newFolding(), failures: map[string]Failure{}, latencies: map[latency]int64{},
	}
}

func (m *merge) apply(b *Batch, says []failing) {
	for i := range b.Accepted {
		m.accept(&b.Accepted[i])
		m.foldAccepted(&b.Accepted[i])
	}
	for i := range b.Records {
		m.record(&b.Records[i], says[i])
	}
	for _, e := range m.order {
		m.count(e)
	}
}

// accept notes an entry of the archive. The same event may be there more than once: as a
// copy, when a publish was repeated, of which the first counts; or on a further round.
func (m *merge) accept(a *Accepted) {
	e, known := m.events[a.ID]
	switch {
	case known && e.Offset != NoOffset && a.Replay != "":
		m.repeat(e, a)
		return
	case known && e.Offset != NoOffset:
		return
	}
	if !known {
		e = m.add(Event{ID: a.ID, Source: a.Source, Type: a.Type, ReceivedAt: a.ReceivedAt})
	}
	if e.Source == "" { // the records did not say
		e.Source, e.Type = a.Source, a.Type
	}
	e.ProviderID = a.ProviderID
	m.happened(a.ReceivedAt, a.Source, "", tallyAccepted)
	if a.Replay != "" { // its first entry is gone, or its row was pruned
		m.repeat(e, a)
		return
	}
	e.Size, e.Offset, e.changed = a.Size, a.Offset, true
	for _, route := range a.Routes {
		if e.deliveries[route] == nil {
			d := e.deliver(route)
			d.due, d.changed = max(d.due, millis(a.PublishedAt)), true
		}
	}
}

// record notes what became of an event, which its stream may tell before the archive
// tells of the event.
func (m *merge) record(r *status.Record, says failing) {
	if r.Route == "" {
		return // about no delivery
	}
	if r.Kind == status.Dropped { // its round had ended before
		m.cancelling.dropped = append(m.cancelling.dropped, consume.Round{Event: r.Event, Route: r.Route, Replay: r.Replay})
		return
	}
	e := m.events[r.Event]
	if e == nil {
		e = m.add(Event{ID: r.Event, Source: r.Source, Type: r.Type, ReceivedAt: r.ReceivedAt, Offset: NoOffset})
		if e.ReceivedAt.IsZero() {
			e.ReceivedAt = r.At
		}
	}
	d := e.deliveries[r.Route]
	if d == nil {
		d = e.deliver(r.Route)
		d.changed, e.changed = true, true
	}
	if r.Kind == status.Cancelled && !m.cancel(d, r) || d.overtaken(r) {
		return
	}
	if r.Kind == status.Held {
		d.due, d.changed = dueAfter(d.due, r), true
		d.Held = Hold{At: r.At, Why: r.Error}
		return // nothing is decided
	}
	if d.Records > 0 {
		m.history = append(m.history, historyRow{e.seq, r.Route, d.Records, d.Fact})
	}
	before := d.State
	d.Fact, d.State, d.changed = factOf(r, d.Attempt), stateAfter(r.Kind), true
	m.foldRecord(e, d, r, says, before)
	d.due, d.Held = max(millis(d.At), millis(d.NextAt)), Hold{}
	d.Records++
	if a := (Answer{r.Answer, r.AnswerCut, Fields(r.Fields)}); !a.isEmpty() {
		m.answers = append(m.answers, answerRow{answered{r.Route, d.Records}, a, e.seq})
	}
	m.happened(r.At, e.Source, r.Route, string(r.Kind))
	m.learn(r)
}

// dueAfter returns from when on something should be heard of a delivery that is held. A
// holder that says when it tells again does so even while the next attempt is far away.
func dueAfter(due int64, r *status.Record) int64 {
	if r.NextAt.IsZero() {
		return max(due, millis(r.At))
	}
	return millis(r.NextAt)
}

func (m *merge) add(e Event) *eventRow {
	m.lastSeq++
	e.seq = m.lastSeq
	row := &eventRow{Event: e, deliveries: map[string]*deliveryRow{}, changed: true}
	m.put(row)
	return row
}

func (m *merge) put(row *eventRow) {
	m.events[row.ID] = row
	m.order = append(m.order, row)
}

// deliver adds a delivery to which nothing has happened.
func (e *eventRow) deliver(route string) *deliveryRow {
	d := &deliveryRow{Delivery: Delivery{Route: route, State: Pending, Fact: Fact{At: e.ReceivedAt}}, due: millis(e.ReceivedAt)}
	e.hold(d)
	return d
}

func (e *eventRow) hold(d *deliveryRow) {
	e.deliveries[d.Route] = d
	e.routes = append(e.routes, d.Route)
}

// count keeps the tallies in step with the rows: it takes off what is stored of the
// event, and adds what will be.
func (m *merge) count(e *eventRow) {
	if e.stored {
		m.tallies[tally{e.counted, "", tallyAccepted}]--
		m.tallies[tally{e.counted, "", string(Unrouted)}] -= one(e.unrouted)
	}
	m.tallies[tally{e.Source, "", tallyAccepted}]++
	m.tallies[tally{e.Source, "", string(Unrouted)}] += one(len(e.routes) == 0)
	for _, d := range e.deliveries {
		if d.was != "" {
			m.tallies[tally{e.counted, d.Route, string(d.was)}]--
		}
		m.tallies[tally{e.Source, d.Route, string(d.State)}]++
	}
}

func (m *merge) happened(at time.Time, source, route, kind string) {
	m.traffic[traffic{at.Unix() / 60, source, route, kind}]++
}

func one(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}
