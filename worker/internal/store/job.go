package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// JobKind is what a job does.
type JobKind string

// The kinds.
const (
	Replay  JobKind = "replay"  // deliver once more
	Discard JobKind = "discard" // give dead letters up for good

	Cancel   JobKind = "cancel"    // end the rounds of events that wait
	RetryNow JobKind = "retry-now" // end them, and begin further ones
)

// Waits reports whether such a job is about events that wait.
func (k JobKind) Waits() bool { return k == Cancel || k == RetryNow }

// Action names what the audit says of such a job: to cancel is also what ends a job.
func (k JobKind) Action() string {
	if k == Cancel {
		return "cancel-events"
	}
	return string(k)
}

// JobState is how it stands with a job.
type JobState string

// The states. The last three are final.
const (
	JobWaiting   JobState = "waiting"
	JobRunning   JobState = "running"
	JobDone      JobState = "done"
	JobCancelled JobState = "cancelled" // a person stopped it
	JobFailed    JobState = "failed"    // it can never go on
)

// Final reports whether the job has ended.
func (s JobState) Final() bool { return s != JobWaiting && s != JobRunning }

// Filter says which events a job is about: what is zero does not matter. Its JSON is
// kept in the store.
type Filter struct {
	IDs        []string  `json:"ids,omitempty"`
	Source     string    `json:"source,omitempty"`
	Type       string    `json:"type,omitempty"`
	Route      string    `json:"route,omitempty"`
	State      State     `json:"state,omitempty"`
	Reason     string    `json:"reason,omitempty"`
	HTTPStatus int       `json:"httpStatus,omitempty"`
	Error      string    `json:"error,omitempty"`
	ProviderID string    `json:"providerId,omitempty"`
	Incident   string    `json:"incident,omitempty"` // the id of the one that a delivery belongs to
	From       time.Time `json:"from,omitzero"`
	To         time.Time `json:"to,omitzero"`
}

// IsZero reports whether the filter lets everything pass.
func (f *Filter) IsZero() bool {
	return len(f.IDs) == 0 && f.Source+f.Type+f.Route+string(f.State)+f.Reason+f.Error+f.ProviderID+f.Incident == "" && f.HTTPStatus == 0 &&
		f.From.IsZero() && f.To.IsZero()
}

// Query is the search for what the filter is about, but for its ids.
func (f *Filter) Query() Query {
	return Query{
		Source: f.Source, Type: f.Type, Route: f.Route, State: f.State, Reason: f.Reason,
		HTTPStatus: f.HTTPStatus, Error: f.Error, ProviderID: f.ProviderID, From: f.From, To: f.To, Incident: f.Incident,
	}
}

// Event reports whether the filter lets an event pass, as far as that does not depend on
// its deliveries.
func (f *Filter) Event(e *Event) bool {
	typ := f.Type == "" || f.Type == e.Type
	q := f.Query()
	if prefix, ok := q.prefix(); ok {
		typ = len(e.Type) >= len(prefix) && e.Type[:len(prefix)] == prefix
	}
	return typ && (len(f.IDs) == 0 || slices.Contains(f.IDs, e.ID)) &&
		(f.Source == "" || f.Source == e.Source) &&
		(f.ProviderID == "" || f.ProviderID == e.ProviderID) &&
		(f.From.IsZero() || !e.ReceivedAt.Before(f.From)) &&
		(f.To.IsZero() || e.ReceivedAt.Before(f.To))
}

// Delivery reports whether the filter lets a delivery pass, its event aside.
func (f *Filter) Delivery(d *Delivery) bool {
	return (f.Route == "" || f.Route == d.Route) && (f.State == "" || f.State == d.State) &&
		(f.Reason == "" || f.Reason == string(d.Reason)) && (f.HTTPStatus == 0 || f.HTTPStatus == d.HTTPStatus) &&
		strings.Contains(d.Error, f.Error) && (f.Incident == "" || f.Incident == d.Incident)
}

// Job is something that a person asked for and that takes a while.
type Job struct {
	ID      string // UUIDv7
	Kind    JobKind
	Filter  Filter
	To      string // of a replay: the route that gets everything; empty: each event's own
	Rate    int    // deliveries in a second, at most
	By      string // who asked
	State   JobState
	Created time.Time
	Ended   time.Time // zero until then
	Progress
}

// Progress is how far a job has come.
type Progress struct {
	Position string  // in the words of who works on it
	Total    int64   // deliveries that it is about; Uncounted until that is known
	Done     int64   // deliveries that were replayed, discarded or cancelled
	Skipped  int64   // events or deliveries that could not be
	Trouble  Trouble // what it waits for, or why it failed
}

// Uncounted is a Total that is not known.
const Uncounted = -1

const jobColumns = "id, kind, filter, target, rate, actor, state, created_at, ended_at, position, total, done, skipped, note"

func (j *Job) values() ([]any, error) {
	filter, err := json.Marshal(j.Filter)
	return []any{
		j.ID, string(j.Kind), string(filter), j.To, j.Rate, j.By, string(j.State), millis(j.Created), millis(j.Ended),
		j.Position, j.Total, j.Done, j.Skipped, string(j.Trouble),
	}, err
}

func scanJob(scan func(...any) error, j *Job) error {
	var filter []byte
	var created, ended int64
	err := scan(&j.ID, &j.Kind, &filter, &j.To, &j.Rate, &j.By, &j.State, &created, &ended,
		&j.Position, &j.Total, &j.Done, &j.Skipped, &j.Trouble)
	if err != nil {
		return err
	}
	j.Created, j.Ended = moment(created), moment(ended)
	if err := json.Unmarshal(filter, &j.Filter); err != nil {
		return fmt.Errorf("read the filter of job %s: %w", j.ID, err)
	}
	return nil
}
