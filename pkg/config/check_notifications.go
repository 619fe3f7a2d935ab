package config

import (
	"encoding/base64"
	"net"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/penstock/penstock/pkg/config/internal/strict"
	"github.com/penstock/penstock/pkg/nearest"
	"github.com/penstock/penstock/pkg/pemfile"
)

// The words of rules. The tracker's package incident has the same.
var (
	incidentKinds = []string{
		"delivery-failing", "dead-letters", "rule-failing", "verification-failing", "unrouted-type", "backlog-age", "no-deliverer",
		"silent-source", "unaccounted", "config-refused", "certificate-expires", "provider-gap", "account-failing", "subscription-changed",
	}
	incidentSeverities = []string{"critical", "warning"}
)

// IncidentKinds returns the kinds of incidents that a rule of notifications may name.
func IncidentKinds() []string { return slices.Clone(incidentKinds) }

func (c *checker) notifications(path string) {
	n := &c.cfg.Notifications
	channels := strict.Key(path, "channels")
	for name, channel := range inOrder(n.Channels) {
		channel.Name = name
		c.name("channel", strict.Key(channels, name), name)
		c.channel(strict.Key(channels, name), channel)
	}
	for i := range n.Rules {
		c.notifyRule(strict.Index(strict.Key(path, "rules"), i), &n.Rules[i])
	}
}

func (c *checker) channel(path string, n *Channel) {
	kinds := []string{"webhook", "slack", "teams", "email", "pagerduty"}
	given := slices.DeleteFunc(slices.Clone(kinds), func(kind string) bool { return !c.Has(strict.Key(path, kind)) })
	if len(given) != 1 {
		if !c.broken(path, kinds...) {
			c.failf(path, "a channel has exactly one of %s", strings.Join(kinds, ", "))
		}
		return
	}
	if at := strict.Key(path, "digest"); !c.broken(path, "digest") && (n.Digest < 0 || n.Digest > Duration(24*time.Hour)) {
		c.failf(at, "a digest gathers for 24h at most")
	}
	if at := strict.Key(path, "limit"); !c.broken(path, "limit") && n.Limit < 1 {
		c.failf(at, "the limit is one message in an hour at least; leave the channel out to send none")
	}
	if at := strict.Key(path, "caFile"); n.CAFile != "" && c.secrets.has(Notified) {
		if _, err := pemfile.Pool(n.CAFile); err != nil {
			c.failf(at, "%s", err)
		}
	}
	c.quietHours(strict.Key(path, "quietHours"), n.QuietHours)
	switch at := strict.Key(path, given[0]); {
	case c.brokenAt(at):
	case n.Webhook != nil:
		c.notifyWebhook(at, n.Webhook)
	case n.Slack != nil:
		c.secretURL(strict.Key(at, "url"), n.Slack.URL)
	case n.Teams != nil:
		c.secretURL(strict.Key(at, "url"), n.Teams.URL)
	case n.Email != nil:
		c.email(at, n.Email)
	case n.PagerDuty != nil:
		c.pagerDuty(at, n.PagerDuty)
	}
}

func (c *checker) quietHours(path string, q *QuietHours) {
	if q == nil || c.brokenAt(path) {
		return
	}
	from, err := minuteOfDay(q.From)
	if err != nil {
		c.failf(strict.Key(path, "from"), "%s", err)
	}
	to, err := minuteOfDay(q.To)
	if err != nil {
		c.failf(strict.Key(path, "to"), "%s", err)
	}
	if from == to && !c.brokenAt(path) {
		c.failf(path, "quiet hours begin and end at different times")
	}
	if _, err := time.LoadLocation(q.TimeZone); err != nil {
		c.failf(strict.Key(path, "timeZone"), "%q is not a time zone such as Europe/Berlin", q.TimeZone)
	}
}

func (c *checker) notifyWebhook(path string, w *NotifyWebhook) {
	c.url(strict.Key(path, "url"), w.URL, true)
	secrets := strict.Key(path, "secrets")
	if len(w.Secrets) == 0 {
		c.failf(secrets, "a webhook is signed with at least one secret")
	}
	if !c.secrets.has(Notified) {
		return
	}
	for i, secret := range w.Secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret.Reveal(), "whsec_"))
		if err != nil || len(key) == 0 {
			c.failf(strict.Index(secrets, i), "the secret is not base64, with or without the prefix whsec_")
		}
	}
}

// secretURL checks a URL that is a secret, and quotes nothing of it.
func (c *checker) secretURL(path string, text Secret) {
	if !c.Has(path) {
		c.failf(path, "the URL is missing")
		return
	}
	if c.secrets.has(Notified) {
		c.url(path, text.Reveal(), true)
	}
}

func (c *checker) pagerDuty(path string, p *PagerDuty) {
	if !c.Has(strict.Key(path, "routingKey")) {
		c.failf(strict.Key(path, "routingKey"), "the integration key of the service is missing")
	}
	if p.URL != "" {
		c.url(strict.Key(path, "url"), p.URL, true)
	}
}

func (c *checker) email(path string, e *Email) {
	if host, port, err := net.SplitHostPort(e.Server); err != nil || host == "" || !validPort(&url.URL{Host: ":" + port}) || port == "" {
		c.failf(strict.Key(path, "server"), "is not a server such as mail.example.com:587")
	}
	if e.TLS != StartTLS && e.TLS != ImplicitTLS {
		c.failf(strict.Key(path, "tls"), "expected %s or %s", StartTLS, ImplicitTLS)
	}
	if c.Has(strict.Key(path, "username")) != c.Has(strict.Key(path, "password")) {
		c.failf(path, "username and password belong together")
	}
	if len(e.To) == 0 {
		c.failf(strict.Key(path, "to"), "mail needs a recipient")
	}
	c.mailbox(strict.Key(path, "from"), e.From)
	for i, to := range e.To {
		c.mailbox(strict.Index(strict.Key(path, "to"), i), to)
	}
}

func (c *checker) mailbox(path, text string) {
	if _, err := mail.ParseAddress(text); err != nil || strings.ContainsAny(text, "\r\n") {
		c.failf(path, "is not an address such as ops@example.com")
	}
}

func (c *checker) notifyRule(path string, r *NotifyRule) {
	if len(r.Channels) == 0 && !c.broken(path, "channels") {
		c.failf(strict.Key(path, "channels"), "a rule names the channels that it sends to")
	}
	for i, name := range r.Channels {
		oneOf(c, strict.Index(strict.Key(path, "channels"), i), "channel", name, c.cfg.Notifications.Channels)
	}
	for i, name := range r.Routes {
		oneOf(c, strict.Index(strict.Key(path, "routes"), i), "route", name, c.cfg.Routes)
	}
	for i, name := range r.Sources {
		oneOf(c, strict.Index(strict.Key(path, "sources"), i), "source", name, c.cfg.Sources)
	}
	c.words(strict.Key(path, "kinds"), "kind of incident", r.Kinds, incidentKinds)
	c.words(strict.Key(path, "severities"), "severity", r.Severities, incidentSeverities)
}

// words checks that each text of a list is one of a closed set.
func (c *checker) words(path, what string, list, known []string) {
	for i, word := range list {
		if !slices.Contains(known, word) {
			c.failf(strict.Index(path, i), "there is no %s %q%s", what, word, nearest.DidYouMean(word, known))
		}
	}
}
