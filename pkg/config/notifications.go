package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // an image may have no time zones
)

// Notifications say who is notified when an incident is opened, reopened, acknowledged or resolved.
type Notifications struct {
	// Where messages go.
	Channels map[string]*Channel `yaml:"channels"`
	// Which incidents go to which channels. Without any rule, all of them go to all channels.
	Rules []NotifyRule `yaml:"rules"`
}

// Channel is where messages about incidents go: one of webhook, slack, teams, email and pagerduty.
type Channel struct {
	// The channel's name: its key in the file.
	Name string `yaml:"-"`
	// An endpoint of your own, which gets signed requests, as Standard Webhooks has it.
	Webhook *NotifyWebhook `yaml:"webhook"`
	// An incoming webhook of Slack.
	Slack *NotifyURL `yaml:"slack"`
	// A webhook of a Microsoft Teams workflow, "Post to a channel when a webhook request is received".
	Teams *NotifyURL `yaml:"teams"`
	// Mail.
	Email *Email `yaml:"email"`
	// A service of PagerDuty with the integration Events API v2.
	PagerDuty *PagerDuty `yaml:"pagerduty"`

	// For how long changes are gathered before they are sent as one message. At once when it is left out.
	Digest Duration `yaml:"digest"`
	// When only critical incidents are sent. The others are sent at its end.
	QuietHours *QuietHours `yaml:"quietHours"`
	// How many messages are sent in an hour at most. What comes past it is gathered into one later message.
	Limit int `yaml:"limit"`
	// Whether messages quote an answer of the destination, which may quote an event.
	Payloads bool `yaml:"payloads"`
	// Whether the channel may be in a private address range. Link-local, metadata and unspecified
	// addresses are refused in any case.
	AllowPrivate bool `yaml:"allowPrivate"`
	// A PEM file with the certificate authorities to trust instead of the system's.
	CAFile string `yaml:"caFile"`
	// The proxy that requests go through, such as http://proxy.internal:3128. Mail goes through none.
	Proxy Secret `yaml:"proxy"`
}

// Kind returns what the channel is: webhook, slack, teams, email or pagerduty.
func (c *Channel) Kind() string {
	switch {
	case c.Webhook != nil:
		return "webhook"
	case c.Slack != nil:
		return "slack"
	case c.Teams != nil:
		return "teams"
	case c.Email != nil:
		return "email"
	default:
		return "pagerduty"
	}
}

// NotifyWebhook is an endpoint that gets signed requests (https://www.standardwebhooks.com).
type NotifyWebhook struct {
	// Where requests are sent: an http or https URL.
	URL string `yaml:"url"`
	// The signing secrets, base64 with or without the prefix whsec_. A request carries one signature for each.
	Secrets []Secret `yaml:"secrets"`
}

// NotifyURL is a URL that is a secret: whoever has it can post.
type NotifyURL struct {
	// The URL, as a reference.
	URL Secret `yaml:"url"`
}

// PagerDuty is a service of PagerDuty.
type PagerDuty struct {
	// The integration key of the service.
	RoutingKey Secret `yaml:"routingKey"`
	// Where events are sent instead of https://events.pagerduty.com/v2/enqueue, such as that of the EU region.
	URL string `yaml:"url"`
}

// Email is mail over SMTP with TLS.
type Email struct {
	// The server, as host:port.
	Server string `yaml:"server"`
	// How the connection is protected: starttls, which is the rule on port 587, or implicit, on port 465.
	TLS EmailTLS `yaml:"tls"`
	// The user name, if the server wants one.
	Username Secret `yaml:"username"`
	// The password.
	Password Secret `yaml:"password"`
	// The sender's address.
	From string `yaml:"from"`
	// The recipients' addresses.
	To []string `yaml:"to"`
}

// EmailTLS is how a connection to a mail server is protected.
type EmailTLS string

// The ways. There is none without TLS.
const (
	StartTLS    EmailTLS = "starttls"
	ImplicitTLS EmailTLS = "implicit"
)

// NotifyRule sends incidents to channels. What is left out does not matter; what is set must hold all at once.
type NotifyRule struct {
	// The channels.
	Channels []string `yaml:"channels"`
	// Only incidents of these kinds, such as delivery-failing.
	Kinds []string `yaml:"kinds"`
	// Only incidents of these severities: critical, warning.
	Severities []string `yaml:"severities"`
	// Only incidents of these routes.
	Routes []string `yaml:"routes"`
	// Only incidents of these sources.
	Sources []string `yaml:"sources"`
}

// QuietHours are a part of each day.
type QuietHours struct {
	// When they begin, such as 22:00.
	From string `yaml:"from"`
	// When they end, such as 07:00. It may be on the next day.
	To string `yaml:"to"`
	// The time zone, such as Europe/Berlin. UTC when it is left out.
	TimeZone string `yaml:"timeZone"`
}

// EndAfter returns when the quiet hours end that a time is in; zero when it is in none. A nil
// value has none.
func (q *QuietHours) EndAfter(now time.Time) time.Time {
	if q == nil {
		return time.Time{}
	}
	zone, err := time.LoadLocation(q.TimeZone)
	if err != nil {
		zone = time.UTC // it was checked when it was loaded
	}
	from, _ := minuteOfDay(q.From)
	to, _ := minuteOfDay(q.To)
	local := now.In(zone)
	for _, day := range []int{-1, 0} {
		begin := time.Date(local.Year(), local.Month(), local.Day()+day, 0, from, 0, 0, zone)
		end := time.Date(local.Year(), local.Month(), local.Day()+day, 0, to, 0, 0, zone)
		if to <= from {
			end = time.Date(local.Year(), local.Month(), local.Day()+day+1, 0, to, 0, 0, zone)
		}
		if !local.Before(begin) && local.Before(end) {
			return end
		}
	}
	return time.Time{}
}

// minuteOfDay reads a time of day, such as 22:00.
func minuteOfDay(text string) (int, error) {
	hours, minutes, _ := strings.Cut(text, ":")
	h, err := strconv.ParseUint(hours, 10, 8)
	if err != nil || len(hours) > 2 || h > 23 {
		return 0, fmt.Errorf("%q is not a time of day such as 22:00", text)
	}
	m, err := strconv.ParseUint(minutes, 10, 8)
	if err != nil || len(minutes) != 2 || m > 59 {
		return 0, fmt.Errorf("%q is not a time of day such as 22:00", text)
	}
	return int(h*60 + m), nil
}
