package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Account is how far the tracker has come with an account at a provider.
type Account struct {
	Name      string
	Source    string
	Provider  string
	Version   int64     // grows with each change; zero: it is not in the store
	Position  string    // in the words of who goes on from there
	Page      []byte    // of the provider's list, while it is in work; else nil
	Since     time.Time // from when on the provider's list is compared
	AsOf      time.Time // until when; zero: nothing is compared
	AskedAt   time.Time // when the provider answered last; zero: never
	Trouble   string    // why the provider cannot be asked; empty: it can
	TroubleAt time.Time // since when
	Report    string    // JSON, in the words of who saves it
}

const accountColumns = "name, source, provider, version, position, page, since, as_of, asked_at, trouble, trouble_at, report"

func (a *Account) values() []any {
	page := a.Page
	if page == nil {
		page = []byte{}
	}
	return []any{
		a.Name, a.Source, a.Provider, a.Version + 1, a.Position, page, millis(a.Since), millis(a.AsOf), millis(a.AskedAt), a.Trouble, millis(a.TroubleAt), a.Report,
	}
}

func scanAccount(scan func(...any) error, a *Account) error {
	var since, asOf, asked, trouble int64
	err := scan(&a.Name, &a.Source, &a.Provider, &a.Version, &a.Position, &a.Page, &since, &asOf, &asked, &a.Trouble, &trouble, &a.Report)
	a.Since, a.AsOf, a.AskedAt, a.TroubleAt = moment(since), moment(asOf), moment(asked), moment(trouble)
	if len(a.Page) == 0 {
		a.Page = nil
	}
	return err
}

// Account returns an account. It fails with ErrNotFound.
func (s *Store) Account(ctx context.Context, name string) (*Account, error) {
	var a Account
	q := new(query).add("SELECT "+accountColumns+" FROM accounts WHERE name = ?", name)
	if err := s.one(ctx, q, func(scan func(...any) error) error { return scanAccount(scan, &a) }); err != nil {
		return nil, fmt.Errorf("find account %s: %w", name, err)
	}
	return &a, nil
}

// Accounts returns all accounts that were ever in work, by name.
func (s *Store) Accounts(ctx context.Context) ([]Account, error) {
	var all []Account
	err := each(ctx, s.read, s.bind, new(query).add("SELECT "+accountColumns+" FROM accounts ORDER BY name"), func(scan func(...any) error) error {
		var a Account
		err := scanAccount(scan, &a)
		all = append(all, a)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the accounts: %w", err)
	}
	return all, nil
}

// AcceptedBy returns, of events of a source by the provider's ids, the ids of those that were
// accepted.
func (s *Store) AcceptedBy(ctx context.Context, source string, events []string) (map[string]string, error) {
	found := map[string]string{}
	for len(events) > 0 {
		n := min(chunk, len(events))
		q := in(new(query).add("SELECT provider_id, id FROM events WHERE provider_id <> '' AND provider_id IN "), events[:n]).
			add(" AND source = ? AND archive_offset >= 0", source)
		err := each(ctx, s.read, s.bind, q, func(scan func(...any) error) error {
			var event, id string
			err := scan(&event, &id)
			found[event] = id
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("look up accepted events: %w", err)
		}
		events = events[n:]
	}
	return found, nil
}

// FirstAccepted returns when the oldest event was accepted that the store has of a source;
// zero when there is none.
func (s *Store) FirstAccepted(ctx context.Context, source string) (time.Time, error) {
	var at int64
	q := new(query).add("SELECT received_at FROM events WHERE source = ? ORDER BY received_at LIMIT 1", source)
	err := s.one(ctx, q, func(scan func(...any) error) error { return scan(&at) })
	if err != nil && !errors.Is(err, ErrNotFound) {
		return time.Time{}, fmt.Errorf("find the oldest event of source %s: %w", source, err)
	}
	return moment(at), nil
}
