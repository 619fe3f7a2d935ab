package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/penstock/penstock/pkg/consume"
)

// MostTombstones bounds the tombstones that there are at a time: each command to the deliverers
// carries all of them.
const MostTombstones = 50_000

// How long a tombstone is kept: after its event was dropped, because a copy may follow that a
// process published before it died; and at most, in case that its event never surfaces.
const (
	keptAfterDrop = time.Hour
	keptAtMost    = 30 * 24 * time.Hour
)

// ErrTooManyTombstones is returned by AddTombstones when there would be more than MostTombstones.
var ErrTooManyTombstones = errors.New("store: too many cancelled events have not surfaced yet")

// Tombstones are all that there are, in no order.
type Tombstones struct {
	Withheld []consume.Round // not decided yet
	Dropped  []consume.Round
}

// AddTombstones withholds rounds for a job. A round that has a tombstone already keeps it, and
// the job that it belongs to.
func (s *Store) AddTombstones(ctx context.Context, job string, rounds []consume.Round) error {
	ends := time.Now().Add(keptAtMost)
	rows := make([][]any, len(rounds))
	for i, r := range rounds {
		rows[i] = []any{r.Event, r.Route, r.Replay, job, 0, millis(ends)}
	}
	return s.changeTombstones(ctx, "withhold events", func(t *tx) error {
		var before int
		if err := t.QueryRowContext(ctx, "SELECT count(*) FROM tombstones").Scan(&before); err != nil {
			return err
		}
		if before+len(rows) > MostTombstones {
			return ErrTooManyTombstones
		}
		return t.upsert(ctx, upsert{"tombstones", "event, route, replay, job, sealed, ends_at", "event, route, replay", "NOTHING", rows})
	})
}

// Tombstones returns all tombstones.
func (s *Store) Tombstones(ctx context.Context) (all Tombstones, err error) {
	q := new(query).add("SELECT event, route, replay, sealed FROM tombstones")
	err = s.eachTombstone(ctx, q, func(r consume.Round, sealed bool) {
		if sealed {
			all.Dropped = append(all.Dropped, r)
		} else {
			all.Withheld = append(all.Withheld, r)
		}
	})
	return all, err
}

// TombstonesOf returns the tombstones of a job among those of the events.
func (s *Store) TombstonesOf(ctx context.Context, job string, events []string) (all Tombstones, err error) {
	for some := range slices.Chunk(events, chunk) {
		q := in(new(query).add("SELECT event, route, replay, sealed FROM tombstones WHERE job = ? AND event IN ", job), some)
		err := s.eachTombstone(ctx, q, func(r consume.Round, sealed bool) {
			if sealed {
				all.Dropped = append(all.Dropped, r)
			} else {
				all.Withheld = append(all.Withheld, r)
			}
		})
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

func (s *Store) eachTombstone(ctx context.Context, q *query, use func(r consume.Round, sealed bool)) error {
	err := each(ctx, s.read, s.bind, q, func(scan func(...any) error) error {
		var r consume.Round
		var sealed int
		err := scan(&r.Event, &r.Route, &r.Replay, &sealed)
		use(r, sealed == 1)
		return err
	})
	if err != nil {
		return fmt.Errorf("read tombstones: %w", err)
	}
	return nil
}

// LiftTombstones lets rounds of a job go on that are withheld. One that is decided is not touched.
func (s *Store) LiftTombstones(ctx context.Context, job string, rounds []consume.Round) error {
	return s.changeTombstones(ctx, "let events go on", func(t *tx) error {
		for _, r := range rounds {
			q := new(query).add("DELETE FROM tombstones WHERE sealed = 0 AND job = ? AND event = ? AND route = ? AND replay = ?", job, r.Event, r.Route, r.Replay)
			if _, err := t.exec(ctx, q); err != nil {
				return err
			}
		}
		return nil
	})
}

// PruneTombstones deletes those whose time is over, and those that a job has left undecided
// which has ended.
func (s *Store) PruneTombstones(ctx context.Context, now time.Time) error {
	const over = " FROM tombstones WHERE ends_at < ? OR sealed = 0 AND job NOT IN (SELECT id FROM jobs WHERE state IN ('waiting', 'running'))"
	found := false
	err := s.eachTombstone(ctx, new(query).add("SELECT event, route, replay, sealed"+over+" LIMIT 1", now.UnixMilli()), func(consume.Round, bool) { found = true })
	if err != nil || !found {
		return err
	}
	return s.changeTombstones(ctx, "delete old tombstones", func(t *tx) error {
		_, err := t.exec(ctx, new(query).add("DELETE"+over, now.UnixMilli()))
		return err
	})
}

func (s *Store) changeTombstones(ctx context.Context, what string, change func(*tx) error) error {
	err := s.transaction(ctx, func(t *tx) error {
		if err := t.advance(ctx); err != nil {
			return err
		}
		return change(t)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// advance makes a later revision of what people want. One transaction at a time does that, until
// its end: who reads a revision reads all that belongs to it.
func (t *tx) advance(ctx context.Context) error {
	if _, err := t.ExecContext(ctx, "UPDATE wishes SET revision = revision + 1"); err != nil {
		return err
	}
	var revision, paused int64
	if err := t.QueryRowContext(ctx, "SELECT revision FROM wishes").Scan(&revision); err != nil {
		return err
	}
	if err := t.QueryRowContext(ctx, "SELECT COALESCE(MAX(at), 0) FROM pauses").Scan(&paused); err != nil {
		return err
	}
	_, err := t.exec(ctx, new(query).add("UPDATE wishes SET revision = ?", max(revision, paused+1)))
	return err
}
