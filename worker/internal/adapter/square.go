package adapter

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/event"
)

// square searches the events of an application. The facts of its API are in
// pkg/account/facts/square.yaml.
type square struct {
	*client
	unable

	subscription string // empty: not known
}

func newSquare(a *config.Account, c *client) (Adapter, error) {
	c.sign = bearer(a.Credentials["token"].Reveal())
	return &square{client: c, subscription: a.Settings["subscription"]}, nil
}

// List returns events, the newest first.
func (s *square) List(ctx context.Context, r Range) (Page, error) {
	search := map[string]any{
		"limit": 100,
		"query": map[string]any{
			"filter": map[string]any{"created_at": map[string]string{
				"start_at": r.From.UTC().Format(time.RFC3339), "end_at": r.To.UTC().Add(time.Second).Format(time.RFC3339),
			}},
			"sort": map[string]string{"field": "DEFAULT", "order": "DESC"},
		},
	}
	if r.Cursor != "" {
		search["cursor"] = r.Cursor
	}
	a, err := s.do(ctx, http.MethodPost, "/v2/events", nil, search)
	if err != nil {
		return Page{}, err
	}
	var list struct {
		Events []json.RawMessage `json:"events"`
		Cursor string            `json:"cursor"`
	}
	if err := json.Unmarshal(a.Body, &list); err != nil {
		return Page{}, &Error{Trouble: Unreadable, Status: a.Status, Err: errors.New("the answer is no list of events")}
	}
	page := Page{Next: list.Cursor, Now: a.Now}
	for _, text := range list.Events {
		var e struct {
			ID        string     `json:"event_id"`
			Type      string     `json:"type"`
			CreatedAt squareTime `json:"created_at"`
		}
		if err := json.Unmarshal(text, &e); err != nil || e.ID == "" {
			return Page{}, &Error{Trouble: Unreadable, Err: err}
		}
		page.Sent = append(page.Sent, Sent{
			ID: e.ID, Ref: e.ID, Type: event.CleanType(e.Type), At: e.CreatedAt.UTC(), Delivery: &Delivery{Header: jsonFields(), Body: text},
		})
	}
	return page, nil
}

// Fetch searches around the time of the event: the API gives none by its id.
func (s *square) Fetch(ctx context.Context, sent Sent) (Delivery, error) {
	return search(ctx, s, Range{From: sent.At.Add(-time.Second), To: sent.At.Add(time.Second)}, sent.ID)
}

// Check reads the subscription, or without one tries to search.
func (s *square) Check(ctx context.Context) (Report, error) {
	if s.subscription == "" {
		_, err := s.do(ctx, http.MethodPost, "/v2/events", nil, map[string]any{"limit": 1})
		return Report{}, err
	}
	var answer struct {
		Subscription struct {
			URL     string     `json:"notification_url"`
			Enabled bool       `json:"enabled"`
			Types   []string   `json:"event_types"`
			Secret  string     `json:"signature_key"`
			Updated squareTime `json:"updated_at"`
		} `json:"subscription"`
	}
	if _, err := s.get(ctx, "/v2/webhooks/subscriptions/"+url.PathEscape(s.subscription), nil, &answer); err != nil {
		return Report{}, err
	}
	of := &answer.Subscription
	return Report{Subscription: &Subscription{URL: of.URL, Active: of.Enabled, Types: of.Types, Changed: of.Updated.UTC(), Secret: printOf(of.Secret)}}, nil
}

// squareTime is a time in one of the forms that the examples of Square's reference have.
type squareTime struct{ time.Time }

// UnmarshalJSON reads a time; another text is an error.
func (t *squareTime) UnmarshalJSON(text []byte) (err error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05 -0700 MST"} {
		if t.Time, err = time.Parse(`"`+layout+`"`, string(text)); err == nil {
			return nil
		}
	}
	return err
}
