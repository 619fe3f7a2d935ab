package store

import (
	"strings"
	"time"

	"github.com/penstock/penstock/worker/internal/incident"
)

// mostShapes is how many unresolved incidents one route, reason and status may have, before
// further answers share one incident.
const mostShapes = 60

// flapWindow is how soon after its resolution a reopened incident counts as one that flaps.
const flapWindow = time.Hour

// folding is what a transaction does to incidents: those that it may touch, in memory.
type folding struct {
	rows    map[string]*Incident
	touched map[string]bool
	changes []change
	ids     map[incident.Key]string // of the keys that were met: an id is a digest
}

// change is a line of an incident's history.
type change struct {
	incident string
	at       time.Time
	what     incident.Change
	by, note string
}

func newFolding() *folding {
	return &folding{rows: map[string]*Incident{}, touched: map[string]bool{}, ids: map[incident.Key]string{}}
}

// idOf returns the id of a key's incident. A batch has few keys and many failures.
func (f *folding) idOf(k incident.Key) string {
	id, known := f.ids[k]
	if !known {
		id = k.ID()
		f.ids[k] = id
	}
	return id
}

// failure is what is folded into an incident.
type failure struct {
	key    incident.Key
	at     time.Time
	n      int64  // how many
	event  string // an event of it
	answer []byte // of the destination
	detail string
}

// fold adds a failure to its incident, which it opens, or opens again.
func (f *folding) fold(one failure) *Incident {
	i := f.incidentFor(one)
	f.touched[i.ID] = true
	if !i.Unresolved() {
		f.reopen(i, one.at)
	}
	i.Failures += one.n
	if one.at.After(i.LastAt) {
		i.LastAt = one.at
	}
	i.OKAt = time.Time{}
	i.addSample(one.event)
	if i.Answer == "" && len(one.answer) > 0 {
		i.Answer = plainText(one.answer[:min(len(one.answer), answerKept)])
	}
	if one.detail != "" {
		i.Detail = one.detail
	}
	return i
}

// incidentFor returns the incident of a failure. One with an answer that is new, where there
// are many already, belongs to that of various answers.
func (f *folding) incidentFor(one failure) *Incident {
	id := f.idOf(one.key)
	if i := f.rows[id]; i != nil {
		return i
	}
	if one.key.Shape != "" && f.shapes(one.key) >= mostShapes {
		one.key = one.key.Various()
		if id = f.idOf(one.key); f.rows[id] != nil {
			return f.rows[id]
		}
	}
	i := &Incident{ID: id, Key: one.key, State: incident.Open, FirstAt: one.at, LastAt: one.at, OpenedAt: one.at, Samples: []string{}}
	f.rows[id] = i
	f.changes = append(f.changes, change{id, one.at, incident.WasOpened, "", ""})
	return i
}

// shapes counts the unresolved incidents that differ from the key in their shape only.
func (f *folding) shapes(k incident.Key) (n int) {
	for _, i := range f.rows {
		other := i.Key
		other.Shape = k.Shape
		if other == k && i.Unresolved() {
			n++
		}
	}
	return n
}

func (f *folding) reopen(i *Incident, at time.Time) {
	i.flaps = min(i.flaps+1, mostFlaps)
	if at.Sub(i.ResolvedAt) > flapWindow {
		i.flaps = 0
	}
	i.State, i.OpenedAt, i.ResolvedAt, i.By = incident.Open, at, time.Time{}, ""
	f.changes = append(f.changes, change{i.ID, at, incident.WasReopened, "", ""})
}

// succeeded notes that something succeeded at a time: every unresolved incident that it
// speaks against may end.
func (f *folding) succeeded(at time.Time, speaks func(*Incident) bool) {
	for id, i := range f.rows {
		if i.Unresolved() && i.OKAt.IsZero() && !i.Kind.Observed() && speaks(i) {
			i.OKAt, f.touched[id] = at, true
		}
	}
}

// plainText makes a text that every database takes.
func plainText(raw []byte) string {
	return strings.ReplaceAll(strings.ToValidUTF8(string(raw), "\uFFFD"), "\x00", "\uFFFD")
}
