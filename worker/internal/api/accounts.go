package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/worker/internal/reconcile"
	"github.com/penstock/penstock/worker/internal/store"
)

// ListAccounts answers GET /accounts.
func (s *Server) ListAccounts(c echo.Context) error {
	all, err := s.Accounts(c.Request().Context())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, AccountList{Accounts: all})
}

// Accounts returns those of the configuration, and those that were compared before.
func (s *Server) Accounts(ctx context.Context) ([]Account, error) {
	rows, err := s.options.Store.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	tallies, err := s.options.Store.SentTallies(ctx)
	if err != nil {
		return nil, err
	}
	all := map[string]*Account{}
	for i := range rows {
		all[rows[i].Name] = accountOf(&rows[i])
	}
	for name, a := range s.options.Config().Accounts {
		if all[name] == nil {
			all[name] = &Account{Name: name, Findings: []AccountFinding{}}
		}
		all[name].configure(a)
	}
	for _, t := range tallies {
		if a := all[t.Account]; a != nil && a.Source == t.Source {
			a.count(t.State, t.Count)
		}
	}
	out := make([]Account, 0, len(all))
	for _, a := range all {
		out = append(out, *a)
	}
	slices.SortFunc(out, func(a, b Account) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func (a *Account) configure(c *config.Account) {
	a.Configured, a.Source, a.Provider = true, c.Source, c.Provider
	a.Recovers, a.Redelivers = c.Recover, c.Redeliver
}

// accountOf is an account as far as the store knows it.
func accountOf(row *store.Account) *Account {
	r := reconcile.ReportOf(row)
	a := &Account{
		Name: row.Name, Source: row.Source, Provider: row.Provider, Since: at(row.Since), AsOf: at(row.AsOf), AskedAt: at(row.AskedAt),
		Trouble: given(row.Trouble), TroubleAt: at(row.TroubleAt), Calls: r.Calls, Findings: make([]AccountFinding, len(r.Findings)),
	}
	if r.Limit > 0 {
		a.Limit, a.Remaining, a.ResetAt = &r.Limit, &r.Remaining, at(r.ResetAt)
	}
	for i, f := range r.Findings {
		a.Findings[i] = AccountFinding{Kind: f.Kind, Text: f.Text, At: f.At}
	}
	return a
}

// count adds events in a state.
func (a *Account) count(state store.SentState, n int64) {
	a.Sent += n
	switch state {
	case store.SentAccepted:
		a.Accepted += n
	case store.SentRedelivered:
		a.Redelivered += n
	case store.SentFetched:
		a.Fetched += n
	case store.SentLost:
		a.Lost += n
	case store.SentUnwanted:
		a.Unwanted += n
	case store.SentWaiting:
		a.Waiting += n
	default:
		a.Missing += n
	}
}

// ListSent answers GET /accounts/{name}/events.
func (s *Server) ListSent(c echo.Context, name NameParameter, p ListSentParams) error {
	limit, err := limitOf(p.Limit)
	if err != nil {
		return err
	}
	q := store.SentQuery{Account: name, Before: value(p.Before), Limit: limit}
	for word := range strings.SplitSeq(value(p.State), ",") {
		state := store.SentState(word)
		switch {
		case word == "":
		case !slices.Contains(store.SentStates(), state):
			return invalid("state: there is no state " + word)
		default:
			q.States = append(q.States, state)
		}
	}
	events, err := s.Sent(c.Request().Context(), q)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, SentList{Events: events})
}

// Sent returns events that providers say they sent.
func (s *Server) Sent(ctx context.Context, q store.SentQuery) ([]Sent, error) {
	rows, err := s.options.Store.Sents(ctx, q)
	if err != nil {
		return nil, err
	}
	events := make([]Sent, len(rows))
	for i, row := range rows {
		events[i] = Sent{
			Event: row.Event, Id: given(row.ID), Type: row.Type, At: row.At, State: string(row.State), Tries: row.Tries, Reason: given(row.Reason),
		}
	}
	return events, nil
}

// RecoverAccount answers POST /accounts/{name}/recover.
func (s *Server) RecoverAccount(c echo.Context, name NameParameter) error {
	a, err := s.Recover(c.Request().Context(), by(c), name)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusAccepted, a)
}

// Recover has what an account misses recovered once, for somebody.
func (s *Server) Recover(ctx context.Context, by, name string) (Account, error) {
	if s.options.Config().Accounts[name] == nil {
		return Account{}, errNotFound
	}
	all, err := s.Accounts(ctx)
	if err != nil {
		return Account{}, err
	}
	a := all[slices.IndexFunc(all, func(a Account) bool { return a.Name == name })]
	now := time.Now()
	note := store.Audit{By: by, Action: "recover", Target: name, Detail: "source " + a.Source, Count: a.Missing}
	return a, s.options.Store.AskRecovery(ctx, store.Recovery{Account: name, By: by, At: now}, note)
}
