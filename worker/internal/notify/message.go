package notify

import (
	"fmt"
	"strings"
	"time"

	"github.com/penstock/penstock/worker/internal/incident"
	"github.com/penstock/penstock/worker/internal/store"
)

// message is what a channel is sent.
type message struct {
	ID       string // the same for each attempt
	At       time.Time
	News     []news
	Test     bool
	Payloads bool   // whether it may quote an answer
	Console  string // where the console's pages are; empty: not known
}

// verbs say what a change is.
var verbs = map[incident.Change]string{
	incident.WasOpened: "Opened", incident.WasReopened: "Reopened", incident.WasAcknowledged: "Acknowledged",
	incident.WasResolved: "Resolved", incident.WasUnmuted: "Still open",
}

// subject is the message in one line.
func (m *message) subject() string {
	if m.Test {
		return "Penstock: a test message"
	}
	first := headline(&m.News[0])
	if len(m.News) == 1 {
		return "Penstock: " + first
	}
	return fmt.Sprintf("Penstock: %s, and %d more", first, len(m.News)-1)
}

// headline says in one line what has happened to an incident.
func headline(n *news) string { return verbs[n.change.Change] + ": " + n.incident.Title() }

// lines say what there is to know of one incident.
func (m *message) lines(n *news) []string {
	i := &n.incident
	lines := []string{
		fmt.Sprintf("%s at %s%s", strings.ToLower(verbs[n.change.Change]), n.change.At.UTC().Format(time.RFC3339), person(n.change.By)),
		counts(i),
	}
	if i.Detail != "" {
		lines = append(lines, i.Detail)
	}
	if n.change.Change != incident.WasResolved {
		lines = append(lines, "Likely cause: "+i.Cause())
	}
	if m.Payloads && i.Answer != "" {
		lines = append(lines, "An answer: "+i.Answer)
	}
	if url := m.link(n); url != "" {
		lines = append(lines, url)
	}
	return lines
}

func person(by string) string {
	if by == "" {
		return ""
	}
	return " by " + by
}

func counts(i *store.Incident) string {
	return fmt.Sprintf("%s; %d failures, %d events wait, %d dead letters; last at %s", i.Kind.Severity(), i.Failures, i.Waiting, i.Dead, i.LastAt.UTC().Format(time.RFC3339))
}

// link leads to the incident's page.
func (m *message) link(n *news) string {
	if m.Console == "" {
		return ""
	}
	return m.Console + "/incidents/" + n.incident.ID
}

// text is the message as plain text.
func (m *message) text() string {
	if m.Test {
		return "This is a test message of Penstock. The channel works.\n"
	}
	var b strings.Builder
	for at := range m.News {
		n := &m.News[at]
		b.WriteString(headline(n) + "\n")
		for _, line := range m.lines(n) {
			b.WriteString("  " + line + "\n")
		}
		b.WriteString("\n")
	}
	return b.String()
}
