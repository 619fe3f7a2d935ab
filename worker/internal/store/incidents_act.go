package store

import (
	"context"
	"errors"
	"time"

	"github.com/penstock/penstock/worker/internal/incident"
)

// ErrResolved is returned for an incident that is resolved and cannot be acknowledged.
var ErrResolved = errors.New("store: the incident is resolved")

// AcknowledgeIncident notes that a person looks after an incident, with an entry of the
// audit. It fails with ErrNotFound, and with ErrResolved.
func (s *Store) AcknowledgeIncident(ctx context.Context, id, by string, now time.Time) error {
	return s.actOnIncident(ctx, id, Audit{By: by, Action: "acknowledge-incident", Target: id, At: now}, func(f *folding, i *Incident) error {
		if !i.Unresolved() {
			return ErrResolved
		}
		if i.State == incident.Open {
			i.State, i.By = incident.Acknowledged, by
			f.changes = append(f.changes, change{id, now, incident.WasAcknowledged, by, ""})
		}
		return nil
	})
}

// MuteIncident keeps an incident from being notified of until a time, which ends the muting
// when it is not after now. It leaves an entry of the audit, and fails with ErrNotFound.
func (s *Store) MuteIncident(ctx context.Context, id, by string, until, now time.Time) error {
	note := Audit{By: by, Action: "mute-incident", Target: id, At: now, Detail: "until " + until.UTC().Format(time.RFC3339)}
	what := incident.WasMuted
	if !until.After(now) {
		until, note.Action, note.Detail, what = time.Time{}, "unmute-incident", "", incident.WasUnmuted
	}
	return s.actOnIncident(ctx, id, note, func(f *folding, i *Incident) error {
		i.MutedUntil = until
		f.changes = append(f.changes, change{id, now, what, by, note.Detail})
		return nil
	})
}

// ResolveIncident ends an incident for a person, with an entry of the audit. Its next failure
// opens it again. It fails with ErrNotFound.
func (s *Store) ResolveIncident(ctx context.Context, id, by string, now time.Time) error {
	return s.actOnIncident(ctx, id, Audit{By: by, Action: "resolve-incident", Target: id, At: now}, func(f *folding, i *Incident) error {
		if i.Unresolved() {
			f.resolve(i, by, now, "")
		}
		return nil
	})
}

func (f *folding) resolve(i *Incident, by string, now time.Time, note string) {
	i.State, i.ResolvedAt, i.By = incident.Resolved, now, by
	f.touched[i.ID] = true
	f.changes = append(f.changes, change{i.ID, now, incident.WasResolved, by, note})
}

// actOnIncident changes one incident and notes it, both or neither.
func (s *Store) actOnIncident(ctx context.Context, id string, note Audit, act func(*folding, *Incident) error) error {
	return s.audited(ctx, note.Action+" "+id, note, func(t *tx) error {
		f := newFolding()
		if err := t.lockIncidents(ctx); err != nil {
			return err
		}
		if err := t.readIncidents(ctx, f, map[string][]string{"id": {id}}); err != nil {
			return err
		}
		i := f.rows[id]
		if i == nil {
			return ErrNotFound
		}
		f.touched[id] = true
		if err := act(f, i); err != nil {
			return err
		}
		return t.saveIncidents(ctx, f)
	})
}
