package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/penstock/penstock/worker/internal/incident"
)

// Incident is what failures of one kind have become. Times are zero when it did not happen.
type Incident struct {
	ID string
	incident.Key

	State      incident.State
	MutedUntil time.Time
	Failures   int64 // that were folded into it; of an observed condition: what is counted now
	Events     int64 // that have failed
	Waiting    int64 // of them, deliveries that are pending or retrying
	Dead       int64 // of them, dead letters
	FirstAt    time.Time
	LastAt     time.Time
	OpenedAt   time.Time // or reopened
	OKAt       time.Time // when it succeeded after the last failure
	ResolvedAt time.Time
	By         string   // who acknowledged or resolved it last; empty: it resolved by itself
	Samples    []string // ids of events: the first ones and the last ones
	Answer     string   // how one answer of the destination begins, as it came
	Detail     string   // of an observed condition, in words

	flaps int
}

// Unresolved reports whether the incident is open or acknowledged.
func (i *Incident) Unresolved() bool { return i.State != incident.Resolved }

// MutedAt reports whether the incident is muted at a time.
func (i *Incident) MutedAt(now time.Time) bool { return i.MutedUntil.After(now) }

// The bounds of what an incident keeps: events of its beginning and of its end, and bytes of an answer.
const (
	samplesKept = 5
	answerKept  = 1 << 10
)

// addSample keeps an event among the samples.
func (i *Incident) addSample(id string) {
	if id == "" || slices.Contains(i.Samples, id) {
		return
	}
	if len(i.Samples) >= 2*samplesKept {
		i.Samples = slices.Delete(i.Samples, samplesKept, samplesKept+1)
	}
	i.Samples = append(i.Samples, id)
}

const incidentColumns = "id, kind, route, source, reason, http_status, shape, state, muted_until, failures, events, waiting, dead," +
	" first_at, last_at, opened_at, ok_at, resolved_at, flaps, actor, samples, answer, detail"

func (i *Incident) values() []any {
	samples, err := json.Marshal(i.Samples)
	if err != nil {
		samples = []byte("[]") // texts always marshal
	}
	return []any{
		i.ID, string(i.Kind), i.Route, i.Source, i.Reason, i.Status, i.Shape, string(i.State), millis(i.MutedUntil), i.Failures, i.Events, i.Waiting, i.Dead,
		millis(i.FirstAt), millis(i.LastAt), millis(i.OpenedAt), millis(i.OKAt), millis(i.ResolvedAt), i.flaps, i.By, string(samples), i.Answer, i.Detail,
	}
}

func scanIncident(scan func(...any) error, i *Incident) error {
	var muted, first, last, opened, ok, resolved int64
	var samples []byte
	err := scan(&i.ID, &i.Kind, &i.Route, &i.Source, &i.Reason, &i.Status, &i.Shape, &i.State, &muted, &i.Failures, &i.Events, &i.Waiting, &i.Dead,
		&first, &last, &opened, &ok, &resolved, &i.flaps, &i.By, &samples, &i.Answer, &i.Detail)
	if err != nil {
		return err
	}
	i.MutedUntil, i.FirstAt, i.LastAt, i.OpenedAt, i.OKAt, i.ResolvedAt = moment(muted), moment(first), moment(last), moment(opened), moment(ok), moment(resolved)
	if err := json.Unmarshal(samples, &i.Samples); err != nil {
		return fmt.Errorf("read the samples of incident %s: %w", i.ID, err)
	}
	return nil
}
