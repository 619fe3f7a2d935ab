package store

import (
	"context"
	"fmt"
	"time"
)

// SentState is what became of an event that a provider says it sent.
type SentState string

// The states. Of the last five, nothing more is expected.
const (
	SentWaiting     SentState = "waiting"     // it may still be accepted by itself
	SentMissing     SentState = "missing"     // it was not accepted
	SentAsked       SentState = "asked"       // the provider is, or may have been, asked to deliver it again
	SentPublishing  SentState = "publishing"  // it is being fetched, and handed to a gateway
	SentPublished   SentState = "published"   // a gateway has it to publish
	SentAccepted    SentState = "accepted"    // it was accepted without anything that was done for it
	SentRedelivered SentState = "redelivered" // it was accepted after the provider was asked to deliver it again
	SentFetched     SentState = "fetched"     // it was accepted after it was fetched
	SentLost        SentState = "lost"        // nothing brings it back
	SentUnwanted    SentState = "unwanted"    // the account's filter leaves it out
)

// SentStates returns all states.
func SentStates() []SentState {
	return []SentState{
		SentWaiting, SentMissing, SentAsked, SentPublishing, SentPublished, SentAccepted, SentRedelivered, SentFetched, SentLost, SentUnwanted,
	}
}

// Open reports whether something more is expected.
func (s SentState) Open() bool {
	return s == SentWaiting || s == SentMissing || s == SentAsked || s == SentPublishing || s == SentPublished
}

// Sent is an event that a provider says it sent.
type Sent struct {
	Account string
	Event   string    // the provider's id
	Ref     string    // by which the provider's API knows it
	Type    string    // the event's
	At      time.Time // when it was sent, by the provider's clock
	State   SentState
	Tries   int       // to bring it back
	AskedAt time.Time // when the last one began
	DueAt   time.Time // when to look at it again
	ID      string    // of the event; empty while there is none
	Reason  string    // why it is lost, or waits
}

const sentColumns = "account, event, ref, type, at, state, tries, asked_at, due_at, id, reason"

func (s *Sent) values() []any {
	return []any{s.Account, s.Event, s.Ref, s.Type, millis(s.At), string(s.State), s.Tries, millis(s.AskedAt), millis(s.DueAt), s.ID, s.Reason}
}

func scanSent(scan func(...any) error, s *Sent) error {
	var at, asked, due int64
	err := scan(&s.Account, &s.Event, &s.Ref, &s.Type, &at, &s.State, &s.Tries, &asked, &due, &s.ID, &s.Reason)
	s.At, s.AskedAt, s.DueAt = moment(at), moment(asked), moment(due)
	return err
}

// SentDue returns up to limit events of an account that are in one of the states, and are to
// be looked at by a time; those that are due for longest first.
func (s *Store) SentDue(ctx context.Context, account string, by time.Time, limit int, states ...SentState) ([]Sent, error) {
	q := in(new(query).add("SELECT "+sentColumns+" FROM sent WHERE account = ? AND due_at <= ? AND state IN ", account, millis(by)), states).
		add(" ORDER BY due_at, event LIMIT ?", limit)
	return s.sent(ctx, s.read, q)
}

// SentNamed returns those of the events of an account that are known, by the provider's ids.
func (s *Store) SentNamed(ctx context.Context, account string, events []string) (map[string]Sent, error) {
	known := map[string]Sent{}
	for len(events) > 0 {
		n := min(chunk, len(events))
		all, err := s.sent(ctx, s.read, in(new(query).add("SELECT "+sentColumns+" FROM sent WHERE account = ? AND event IN ", account), events[:n]))
		if err != nil {
			return nil, err
		}
		for _, one := range all {
			known[one.Event] = one
		}
		events = events[n:]
	}
	return known, nil
}

// SentQuery says which events to list; what is empty does not matter.
type SentQuery struct {
	Account string
	States  []SentState
	Before  time.Time // sent before this
	Limit   int
}

// Sents returns events that providers say they sent, the newest first.
func (s *Store) Sents(ctx context.Context, sq SentQuery) ([]Sent, error) {
	q := new(query).add("SELECT " + sentColumns + " FROM sent WHERE 1 = 1")
	if sq.Account != "" {
		q.add(" AND account = ?", sq.Account)
	}
	if len(sq.States) > 0 {
		in(q.add(" AND state IN "), sq.States)
	}
	if !sq.Before.IsZero() {
		q.add(" AND at < ?", millis(sq.Before))
	}
	return s.sent(ctx, s.read, q.add(" ORDER BY at DESC, account, event LIMIT ?", sq.Limit))
}

func (s *Store) sent(ctx context.Context, from asker, q *query) ([]Sent, error) {
	var all []Sent
	err := each(ctx, from, s.bind, q, func(scan func(...any) error) error {
		var one Sent
		err := scanSent(scan, &one)
		all = append(all, one)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list what providers sent: %w", err)
	}
	return all, nil
}
