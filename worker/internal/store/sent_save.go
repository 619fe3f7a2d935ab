package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// AccountStep is a change of an account and of what is known of the events that its provider
// sent.
type AccountStep struct {
	Account Account   // as it is to be; its Version is the one that it has
	Sent    []Sent    // which are new, or have changed
	Forget  time.Time // delete what arrived by itself and was sent before this; zero: nothing
	Audit   []Audit   // what was done
}

// SaveAccount stores a step in one transaction, and returns the account's new version. It
// fails with ErrStale, and does nothing, when the account has another version in the store.
// The tallies change with the events: one that is deleted stays counted.
func (s *Store) SaveAccount(ctx context.Context, step *AccountStep) (version int64, err error) {
	err = s.transaction(ctx, func(t *tx) error {
		if err := t.moveAccount(ctx, &step.Account); err != nil {
			return err
		}
		if err := t.saveSent(ctx, step); err != nil {
			return err
		}
		for _, a := range step.Audit {
			if err := t.note(ctx, a); err != nil {
				return err
			}
		}
		if step.Forget.IsZero() {
			return nil
		}
		return t.forgetSent(ctx, step)
	})
	if err != nil {
		return 0, fmt.Errorf("save account %s: %w", step.Account.Name, err)
	}
	return step.Account.Version + 1, nil
}

// shownFor is how long what was recovered or lost is kept.
const shownFor = 30 * 24 * time.Hour

// forgetSent deletes what needs no further look: what arrived by itself, and later what was
// recovered or lost.
func (t *tx) forgetSent(ctx context.Context, step *AccountStep) error {
	for before, states := range map[time.Time][]SentState{
		step.Forget:                {SentAccepted, SentUnwanted},
		step.Forget.Add(-shownFor): {SentRedelivered, SentFetched, SentLost},
	} {
		q := in(new(query).add("DELETE FROM sent WHERE account = ? AND at < ? AND state IN ", step.Account.Name, millis(before)), states)
		if _, err := t.exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// moveAccount writes the account where it has the version that the step began with.
func (t *tx) moveAccount(ctx context.Context, a *Account) error {
	q := new(query).add("INSERT INTO accounts ("+accountColumns+") VALUES ("+marks(12)+")", a.values()...)
	if a.Version == 0 {
		q.add(" ON CONFLICT (name) DO NOTHING")
	} else {
		q.add(" ON CONFLICT (name) DO "+set("source", "provider", "version", "position", "page", "since", "as_of", "asked_at", "trouble", "trouble_at", "report")+
			" WHERE accounts.version = ?", a.Version)
	}
	n, err := t.exec(ctx, q)
	if err == nil && n != 1 {
		err = ErrStale
	}
	return err
}

// saveSent writes the events of a step, and counts them.
func (t *tx) saveSent(ctx context.Context, step *AccountStep) error {
	was, err := t.sentStates(ctx, step)
	if err != nil {
		return err
	}
	tallies := map[SentState]int64{}
	rows := make([][]any, 0, len(step.Sent))
	for i := range step.Sent {
		one := &step.Sent[i]
		one.Account = step.Account.Name
		if state, known := was[one.Event]; known {
			tallies[state]--
		}
		tallies[one.State]++
		was[one.Event] = one.State
		rows = append(rows, one.values())
	}
	if err := t.upsert(ctx, upsert{"sent", sentColumns, "account, event", set("ref", "type", "at", "state", "tries", "asked_at", "due_at", "id", "reason"), rows}); err != nil {
		return err
	}
	rows = nil
	for _, state := range slices.Sorted(maps.Keys(tallies)) {
		if n := tallies[state]; n != 0 {
			rows = append(rows, []any{step.Account.Name, step.Account.Source, string(state), n})
		}
	}
	return t.upsert(ctx, upsert{"sent_tallies", "account, source, state, n", "account, source, state", "UPDATE SET n = sent_tallies.n + excluded.n", rows})
}

func (t *tx) sentStates(ctx context.Context, step *AccountStep) (map[string]SentState, error) {
	states := map[string]SentState{}
	for part := range slices.Chunk(step.Sent, chunk) {
		names := make([]string, len(part))
		for i := range part {
			names[i] = part[i].Event
		}
		q := in(new(query).add("SELECT event, state FROM sent WHERE account = ? AND event IN ", step.Account.Name), names)
		err := each(ctx, t, t.bind, q, func(scan func(...any) error) error {
			var name string
			var state SentState
			err := scan(&name, &state)
			states[name] = state
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return states, nil
}

// SentTally is how many events of an account are in a state.
type SentTally struct {
	Account, Source string
	State           SentState
	Count           int64
}

// SentTallies counts all events that the providers of the accounts said they sent.
func (s *Store) SentTallies(ctx context.Context) ([]SentTally, error) {
	var all []SentTally
	q := new(query).add("SELECT account, source, state, n FROM sent_tallies WHERE n <> 0 ORDER BY account, source, state")
	err := each(ctx, s.read, s.bind, q, func(scan func(...any) error) error {
		var one SentTally
		err := scan(&one.Account, &one.Source, &one.State, &one.Count)
		all = append(all, one)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count what providers sent: %w", err)
	}
	return all, nil
}
