package store

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"
)

// Traffic is how often something happened in one minute: a kind of status record on a
// route, or, with an empty route, the acceptance of an event.
type Traffic struct {
	Minute              time.Time
	Source, Route, Kind string
	Count               int64
}

// Traffic returns what happened since a time, the oldest first.
func (s *Store) Traffic(ctx context.Context, since time.Time) ([]Traffic, error) {
	return s.traffic(ctx, new(query).add("SELECT minute, source, route, kind, n FROM traffic WHERE minute >= ? ORDER BY minute, source, route, kind", since.Unix()/60))
}

func (s *Store) traffic(ctx context.Context, q *query) ([]Traffic, error) {
	var all []Traffic
	err := each(ctx, s.read, s.bind, q, func(scan func(...any) error) error {
		var t Traffic
		var minute int64
		err := scan(&minute, &t.Source, &t.Route, &t.Kind, &t.Count)
		t.Minute = time.Unix(minute*60, 0).UTC()
		all = append(all, t)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the traffic: %w", err)
	}
	return all, nil
}

// TrafficAfter returns up to limit counts of the minutes from a time on, the oldest first,
// that come behind a cursor, which may be empty; and the cursor of the rest, empty when
// there is none. It fails with ErrCursor.
func (s *Store) TrafficAfter(ctx context.Context, since time.Time, cursor string, limit int) ([]Traffic, string, error) {
	q := new(query).add("SELECT minute, source, route, kind, n FROM traffic WHERE minute >= ?", since.Unix()/60)
	if cursor != "" {
		after, err := parseTrafficCursor(cursor)
		if err != nil {
			return nil, "", err
		}
		q.add(" AND minute >= ? AND (minute, source, route, kind) > (?, ?, ?, ?)", after.Minute, after.Minute, after.Source, after.Route, after.Kind)
	}
	all, err := s.traffic(ctx, q.add(" ORDER BY minute, source, route, kind LIMIT ?", limit+1))
	if err != nil || len(all) <= limit {
		return all, "", err
	}
	return all[:limit], trafficCursorOf(&all[limit-1]).String(), nil
}

// trafficCursor is the last count of a page.
type trafficCursor struct {
	Minute int64  `json:"m"`
	Source string `json:"s"`
	Route  string `json:"r"`
	Kind   string `json:"k"`
}

func trafficCursorOf(t *Traffic) trafficCursor {
	return trafficCursor{t.Minute.Unix() / 60, t.Source, t.Route, t.Kind}
}

func (c trafficCursor) String() string {
	text, err := json.Marshal(c)
	if err != nil {
		return "" // plain fields: it does not happen
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func parseTrafficCursor(text string) (trafficCursor, error) {
	var c trafficCursor
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(raw, &c) != nil {
		return c, ErrCursor
	}
	return c, nil
}
