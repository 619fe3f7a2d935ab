package notify

import (
	"cmp"
	"context"
	"time"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/worker/internal/incident"
)

// pagerDutyURL is where events of PagerDuty's Events API v2 are sent.
const pagerDutyURL = "https://events.pagerduty.com/v2/enqueue"

// mostSummary bounds a summary, in bytes.
const mostSummary = 1000

// actions are what PagerDuty does at a change. What is not among them triggers.
var actions = map[incident.Change]string{incident.WasAcknowledged: "acknowledge", incident.WasResolved: "resolve"}

type pageEvent struct {
	RoutingKey  string       `json:"routing_key"`
	EventAction string       `json:"event_action"`
	DedupKey    string       `json:"dedup_key"`
	Client      string       `json:"client"`
	ClientURL   string       `json:"client_url,omitempty"`
	Payload     *pagePayload `json:"payload,omitempty"`
	Links       []pageLink   `json:"links,omitempty"`
}

type pagePayload struct {
	Summary   string    `json:"summary"`
	Source    string    `json:"source"`
	Severity  string    `json:"severity"`
	Timestamp time.Time `json:"timestamp"`
	Component string    `json:"component,omitempty"`
	Class     string    `json:"class"`
	Details   any       `json:"custom_details,omitempty"`
}

type pageLink struct {
	Href string `json:"href"`
	Text string `json:"text"`
}

// sendPage sends an event for each change. An incident's events have one key, by which
// PagerDuty knows that they are about the same, and that one came twice.
func sendPage(ctx context.Context, c *config.Channel, m *message) error {
	to := cmp.Or(c.PagerDuty.URL, pagerDutyURL)
	key := c.PagerDuty.RoutingKey.Reveal()
	if m.Test {
		for _, action := range []string{"trigger", "resolve"} { // it wakes up a person for a moment only
			test := pageEvent{RoutingKey: key, EventAction: action, DedupKey: "penstock-" + m.ID, Client: "Penstock", ClientURL: m.Console}
			test.Payload = &pagePayload{Summary: m.writeSubject(), Source: "penstock", Severity: "info", Timestamp: m.At, Class: "test"}
			if err := postJSON(ctx, c, to, test, nil); err != nil {
				return err
			}
		}
		return nil
	}
	for at := range m.News {
		if err := postJSON(ctx, c, to, m.newPageEvent(&m.News[at], key), nil); err != nil {
			return err
		}
	}
	return nil
}

func (m *message) newPageEvent(n *news, key string) pageEvent {
	i := &n.incident
	e := pageEvent{
		RoutingKey: key, EventAction: cmp.Or(actions[n.change.Change], "trigger"), DedupKey: "penstock-" + i.ID, Client: "Penstock", ClientURL: m.Console,
		Payload: &pagePayload{
			Summary: cutText(i.Title(), mostSummary), Source: "penstock", Severity: string(i.Kind.Severity()), Timestamp: n.change.At,
			Component: cmp.Or(i.Route, i.Source), Class: string(i.Kind), Details: m.webhookIncident(n),
		},
	}
	if url := m.linkTo(n); url != "" {
		e.Links = []pageLink{{url, "The incident in the console"}}
	}
	return e
}
