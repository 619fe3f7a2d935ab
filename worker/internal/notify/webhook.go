package notify

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/worker/internal/incident"
)

// The types of a webhook's messages.
const (
	typeChanged = "incident.changed"
	typeTest    = "notification.test"
)

// webhookBody is the body of a webhook.
type webhookBody struct {
	Type      string          `json:"type"`
	Timestamp time.Time       `json:"timestamp"`
	Changes   []webhookChange `json:"changes"`
}

type webhookChange struct {
	Change   incident.Change `json:"change"`
	At       time.Time       `json:"at"`
	By       string          `json:"by,omitempty"`
	Incident webhookIncident `json:"incident"`
}

type webhookIncident struct {
	ID         string            `json:"id"`
	Kind       incident.Kind     `json:"kind"`
	Severity   incident.Severity `json:"severity"`
	State      incident.State    `json:"state"`
	Title      string            `json:"title"`
	Cause      string            `json:"cause"`
	Route      string            `json:"route,omitempty"`
	Source     string            `json:"source,omitempty"`
	Reason     string            `json:"reason,omitempty"`
	HTTPStatus int               `json:"httpStatus,omitempty"`
	Detail     string            `json:"detail,omitempty"`
	Answer     string            `json:"answer,omitempty"` // only where the channel says payloads
	Failures   int64             `json:"failures"`
	Events     int64             `json:"events"`
	Waiting    int64             `json:"waiting"`
	Dead       int64             `json:"dead"`
	FirstAt    time.Time         `json:"firstAt"`
	LastAt     time.Time         `json:"lastAt"`
	URL        string            `json:"url,omitempty"`
}

func (m *message) newWebhookBody() webhookBody {
	body := webhookBody{Type: typeChanged, Timestamp: m.At, Changes: []webhookChange{}}
	if m.Test {
		body.Type = typeTest
	}
	for at := range m.News {
		n := &m.News[at]
		body.Changes = append(body.Changes, webhookChange{n.change.Change, n.change.At, n.change.By, m.webhookIncident(n)})
	}
	return body
}

func (m *message) webhookIncident(n *news) webhookIncident {
	i := &n.incident
	out := webhookIncident{
		ID: i.ID, Kind: i.Kind, Severity: i.Kind.Severity(), State: i.State, Title: i.Title(), Cause: i.Cause(), Route: i.Route, Source: i.Source,
		Reason: i.Reason, HTTPStatus: i.Status, Detail: i.Detail, Failures: i.Failures, Events: i.Events, Waiting: i.Waiting, Dead: i.Dead,
		FirstAt: i.FirstAt, LastAt: i.LastAt, URL: m.linkTo(n),
	}
	if m.Payloads {
		out.Answer = i.Answer
	}
	return out
}

// sendWebhook posts a message that is signed as Standard Webhooks has it, once with each
// secret.
func sendWebhook(ctx context.Context, c *config.Channel, m *message) error {
	now := time.Now()
	return postJSON(ctx, c, c.Webhook.URL, m.newWebhookBody(), func(h http.Header, body []byte) error {
		var signatures []string
		for i, secret := range c.Webhook.Secrets {
			signer, err := standardwebhooks.NewWebhook(secret.Reveal())
			if err != nil { // it would quote the secret
				return fmt.Errorf("signing secret %d is not base64", i+1)
			}
			signature, err := signer.Sign(m.ID, now, body)
			if err != nil {
				return fmt.Errorf("sign with secret %d", i+1)
			}
			signatures = append(signatures, signature)
		}
		h.Set(standardwebhooks.HeaderWebhookID, m.ID)
		h.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
		h.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
		return nil
	})
}
