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

// paddle asks for the notifications to one destination. The facts of its API are in
// pkg/account/facts/paddle.yaml.
type paddle struct {
	*client

	setting string
}

func newPaddle(a *config.Account, c *client) (Adapter, error) {
	c.sign = bearer(a.Credentials["key"].Reveal())
	return &paddle{client: c, setting: a.Settings["notificationSetting"]}, nil
}

// notification is one as the API has it.
type notification struct {
	ID         string          `json:"id"`
	Type       string          `json:"type"`
	Status     string          `json:"status"`
	Origin     string          `json:"origin"`
	OccurredAt time.Time       `json:"occurred_at"`
	Payload    json.RawMessage `json:"payload"`
}

// List returns notifications of events, the newest first. A replay is of an event that the list
// has.
func (p *paddle) List(ctx context.Context, r Range) (Page, error) {
	query := url.Values{
		"notification_setting_id": {p.setting}, "per_page": {"200"}, "order_by": {"id[DESC]"},
		"from": {r.From.UTC().Format(time.RFC3339)}, "to": {r.To.UTC().Add(time.Second).Format(time.RFC3339)},
	}
	if r.Cursor != "" {
		query.Set("after", r.Cursor)
	}
	var list struct {
		Data []notification `json:"data"`
		Meta struct {
			Pagination struct {
				HasMore bool `json:"has_more"`
			} `json:"pagination"`
		} `json:"meta"`
	}
	a, err := p.get(ctx, "/notifications", query, &list)
	if err != nil {
		return Page{}, err
	}
	page := Page{Now: a.Now}
	for i := range list.Data {
		n := &list.Data[i]
		if n.Origin == "replay" {
			continue
		}
		one, err := n.sent()
		if err != nil {
			return Page{}, err
		}
		page.Sent = append(page.Sent, one)
	}
	if n := len(list.Data); n > 0 && list.Meta.Pagination.HasMore {
		page.Next = list.Data[n-1].ID
	}
	return page, nil
}

func (n *notification) sent() (Sent, error) {
	var payload struct {
		EventID string `json:"event_id"`
	}
	if err := json.Unmarshal(n.Payload, &payload); err != nil || payload.EventID == "" {
		return Sent{}, &Error{Trouble: Unreadable, Err: err}
	}
	return Sent{
		ID: payload.EventID, Ref: n.ID, Type: event.CleanType(n.Type), At: n.OccurredAt.UTC(), Answered: n.Status == "delivered",
		Delivery: &Delivery{Header: jsonFields(), Body: n.Payload},
	}, nil
}

// Redeliver asks for a replay. Paddle refuses one of what it still tries itself.
func (p *paddle) Redeliver(ctx context.Context, s Sent) error {
	_, err := p.do(ctx, http.MethodPost, "/notifications/"+url.PathEscape(s.Ref)+"/replay", nil, nil)
	return of(err, []Trouble{NotFound}, Gone)
}

// Fetch returns the payload of a notification.
func (p *paddle) Fetch(ctx context.Context, s Sent) (Delivery, error) {
	var one struct {
		Data notification `json:"data"`
	}
	if _, err := p.get(ctx, "/notifications/"+url.PathEscape(s.Ref), nil, &one); err != nil {
		return Delivery{}, of(err, []Trouble{NotFound}, Gone)
	}
	return Delivery{Header: jsonFields(), Body: one.Data.Payload}, nil
}

// Check reads the destination.
func (p *paddle) Check(ctx context.Context) (Report, error) {
	var setting struct {
		Data struct {
			Destination string `json:"destination"`
			Active      bool   `json:"active"`
			Secret      string `json:"endpoint_secret_key"`
			Events      []struct {
				Name string `json:"name"`
			} `json:"subscribed_events"`
		} `json:"data"`
	}
	if _, err := p.get(ctx, "/notification-settings/"+url.PathEscape(p.setting), nil, &setting); err != nil {
		return Report{}, err
	}
	s := &Subscription{URL: setting.Data.Destination, Active: setting.Data.Active, Secret: printOf(setting.Data.Secret)}
	for _, e := range setting.Data.Events {
		s.Types = append(s.Types, e.Name)
	}
	return Report{Subscription: s}, nil
}
