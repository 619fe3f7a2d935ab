package store

import (
	"context"
	"encoding/json"
	"fmt"
)

// Answer is what a destination said to an attempt.
type Answer struct {
	Body   []byte // how the body begins
	Cut    bool   // whether it goes on
	Fields Fields // of the header
}

func (a Answer) isEmpty() bool { return len(a.Body) == 0 && len(a.Fields) == 0 }

// Fields are header fields by their name.
type Fields map[string]string

// text is how the fields are stored.
func (f Fields) text() string {
	if len(f) == 0 {
		return ""
	}
	text, err := json.Marshal(f)
	if err != nil {
		return "" // texts can always be encoded
	}
	return string(text)
}

// readFields reads what text made. What it does not understand is nothing.
func readFields(text string) Fields {
	var f Fields
	_ = json.Unmarshal([]byte(text), &f) // of the empty text it is nil
	return f
}

// answered names a record that an answer belongs to.
type answered struct {
	route string
	n     int
}

func (s *Store) answers(ctx context.Context, e *Event) (map[answered]Answer, error) {
	all := map[answered]Answer{}
	q := new(query).add("SELECT route, n, body, cut, fields FROM answers WHERE seq = ?", e.seq)
	err := each(ctx, s.read, s.bind, q, func(scan func(...any) error) error {
		var of answered
		var a Answer
		var isCut int
		var fields string
		err := scan(&of.route, &of.n, &a.Body, &isCut, &fields)
		a.Cut, a.Fields = isCut == 1, readFields(fields)
		all[of] = a
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the answers to event %s: %w", e.ID, err)
	}
	return all, nil
}
