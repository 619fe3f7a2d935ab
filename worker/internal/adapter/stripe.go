package adapter

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/event"
)

// stripe asks for the events that an endpoint has not taken. The facts of its API are in
// pkg/account/facts/stripe.yaml.
type stripe struct {
	*client
	unable

	endpoint string // empty: not known
}

func newStripe(a *config.Account, c *client) (Adapter, error) {
	sign := bearer(a.Credentials["key"].Reveal())
	c.sign = func(ctx context.Context, h http.Header) error {
		if connected := a.Settings["account"]; connected != "" {
			h.Set("Stripe-Account", connected)
		}
		return sign(ctx, h)
	}
	return &stripe{client: c, endpoint: a.Settings["endpoint"]}, nil
}

// List returns events that are not delivered everywhere, the newest first.
func (s *stripe) List(ctx context.Context, r Range) (Page, error) {
	query := url.Values{
		"limit": {"100"}, "delivery_success": {"false"},
		"created[gte]": {strconv.FormatInt(r.From.Unix(), 10)}, "created[lt]": {strconv.FormatInt(r.To.Unix()+1, 10)},
	}
	if r.Cursor != "" {
		query.Set("starting_after", r.Cursor)
	}
	var list struct {
		Data    []json.RawMessage `json:"data"`
		HasMore bool              `json:"has_more"`
	}
	a, err := s.get(ctx, "/v1/events", query, &list)
	if err != nil {
		return Page{}, err
	}
	page := Page{Now: a.Now}
	for _, text := range list.Data {
		one, err := stripeEvent(text)
		if err != nil {
			return Page{}, err
		}
		page.Sent = append(page.Sent, one)
	}
	if n := len(page.Sent); n > 0 && list.HasMore {
		page.Next = page.Sent[n-1].ID
	}
	return page, nil
}

func stripeEvent(text json.RawMessage) (Sent, error) {
	var e struct {
		ID      string `json:"id"`
		Type    string `json:"type"`
		Created int64  `json:"created"`
	}
	if err := json.Unmarshal(text, &e); err != nil || e.ID == "" {
		return Sent{}, &Error{Trouble: Unreadable, Err: err}
	}
	return Sent{
		ID: e.ID, Ref: e.ID, Type: event.CleanType(e.Type), At: time.Unix(e.Created, 0).UTC(),
		Delivery: &Delivery{Header: jsonFields(), Body: text},
	}, nil
}

func jsonFields() []event.Field {
	return []event.Field{{Name: "Content-Type", Value: "application/json; charset=utf-8"}}
}

// Fetch returns an event.
func (s *stripe) Fetch(ctx context.Context, sent Sent) (Delivery, error) {
	a, err := s.do(ctx, http.MethodGet, "/v1/events/"+url.PathEscape(sent.Ref), nil, nil)
	if err != nil {
		return Delivery{}, of(err, []Trouble{NotFound}, Gone)
	}
	return Delivery{Header: jsonFields(), Body: a.Body}, nil
}

// Check reads the endpoint, or without one tries to list an event.
func (s *stripe) Check(ctx context.Context) (Report, error) {
	if s.endpoint == "" {
		var list struct{}
		_, err := s.get(ctx, "/v1/events", url.Values{"limit": {"1"}}, &list)
		return Report{}, err
	}
	var endpoint struct {
		URL    string   `json:"url"`
		Status string   `json:"status"`
		Events []string `json:"enabled_events"`
	}
	if _, err := s.get(ctx, "/v1/webhook_endpoints/"+url.PathEscape(s.endpoint), nil, &endpoint); err != nil {
		return Report{}, err
	}
	return Report{Subscription: &Subscription{URL: endpoint.URL, Active: endpoint.Status == "enabled", Types: endpoint.Events}}, nil
}
