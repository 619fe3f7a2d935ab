package adapter

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/event"
)

// paypal asks for the events of an app. The facts of its API are in
// pkg/account/facts/paypal.yaml.
type paypal struct {
	*client

	webhook string
}

const paypalEvents = "/v1/notifications/webhooks-events"

func newPayPal(a *config.Account, c *client) (Adapter, error) {
	grant := &grant{client: c, path: "/v1/oauth2/token", id: a.Settings["clientID"], secret: a.Credentials["clientSecret"].Reveal()}
	c.sign, c.spurn = grant.sign, grant.forget
	return &paypal{client: c, webhook: a.Settings["webhook"]}, nil
}

// List returns events. The cursor is the query of the next page.
func (p *paypal) List(ctx context.Context, r Range) (Page, error) {
	query := url.Values{
		"page_size":  {"300"},
		"start_time": {r.From.UTC().Format(time.RFC3339)}, "end_time": {r.To.UTC().Add(time.Second).Format(time.RFC3339)},
	}
	if r.Cursor != "" {
		next, err := url.ParseQuery(r.Cursor)
		if err != nil {
			return Page{}, &Error{Trouble: Unreadable}
		}
		query = next
	}
	var list struct {
		Events []json.RawMessage `json:"events"`
		Links  []struct {
			Rel  string `json:"rel"`
			Href string `json:"href"`
		} `json:"links"`
	}
	a, err := p.get(ctx, paypalEvents, query, &list)
	if err != nil {
		return Page{}, err
	}
	page := Page{Now: a.Now}
	for _, text := range list.Events {
		var e struct {
			ID         string    `json:"id"`
			Type       string    `json:"event_type"`
			CreateTime time.Time `json:"create_time"`
		}
		if err := json.Unmarshal(text, &e); err != nil || e.ID == "" {
			return Page{}, &Error{Trouble: Unreadable, Err: err}
		}
		page.Sent = append(page.Sent, Sent{
			ID: e.ID, Ref: e.ID, Type: event.CleanType(e.Type), At: e.CreateTime.UTC(), Delivery: &Delivery{Header: jsonFields(), Body: text},
		})
	}
	for _, link := range list.Links {
		if next, err := url.Parse(link.Href); err == nil && link.Rel == "next" && len(list.Events) > 0 {
			page.Next = next.RawQuery
		}
	}
	return page, nil
}

// Redeliver asks for the event to be sent again.
func (p *paypal) Redeliver(ctx context.Context, s Sent) error {
	_, err := p.do(ctx, http.MethodPost, paypalEvents+"/"+url.PathEscape(s.Ref)+"/resend", nil, map[string]any{"webhook_ids": []string{p.webhook}})
	return of(err, []Trouble{NotFound}, Gone)
}

// Fetch returns an event.
func (p *paypal) Fetch(ctx context.Context, s Sent) (Delivery, error) {
	a, err := p.do(ctx, http.MethodGet, paypalEvents+"/"+url.PathEscape(s.Ref), nil, nil)
	if err != nil {
		return Delivery{}, of(err, []Trouble{NotFound}, Gone)
	}
	return Delivery{Header: jsonFields(), Body: a.Body}, nil
}

// Check reads the webhook. PayPal deletes one rather than disabling it.
func (p *paypal) Check(ctx context.Context) (Report, error) {
	var hook struct {
		URL    string `json:"url"`
		Events []struct {
			Name   string `json:"name"`
			Status string `json:"status"`
		} `json:"event_types"`
	}
	if _, err := p.get(ctx, "/v1/notifications/webhooks/"+url.PathEscape(p.webhook), nil, &hook); err != nil {
		return Report{}, err
	}
	s := &Subscription{URL: hook.URL, Active: true}
	for _, e := range hook.Events {
		if e.Status != "DISABLED" {
			s.Types = append(s.Types, e.Name)
		}
	}
	return Report{Subscription: s}, nil
}
