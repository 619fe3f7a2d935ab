package notify

import (
	"fmt"
	"strings"
	"time"

	"github.com/penstock/penstock/worker/internal/incident"
	"github.com/penstock/penstock/worker/internal/store"
)

// message is the content of one notice to a channel.
type message struct {
	ID       string // the same for each attempt
	At       time.Time
	News     []news
	Test     bool
	Payloads bool   // whether it may quote an answer
	Console  string // where the console's pages are; empty: not known
}

// verbs name the changes.
var verbs = map[incident.Change]string{
	incident.WasOpened: "Opened", incident.WasReopened: "Reopened", incident.WasAcknowledged: "Acknowledged",
	incident.WasResolved: "Resolved", incident.WasUnmuted: "Still open",
}

// writeSubject returns the message in one line.
func (m *message) writeSubject() string {
	if m.Test {
		return "Penstock: a test message"
	}
	first := writeHeadline(&m.News[0])
	if len(m.News) == 1 {
		return "Penstock: " + first
	}
	return fmt.Sprintf("Penstock: %s, and %d more", first, len(m.News)-1)
}

// writeHeadline returns the change of an incident in one line.
func writeHeadline(n *news) string { return verbs[n.change.Change] + ": " + n.incident.Title() }

// writeLines returns the facts about one incident.
func (m *message) writeLines(n *news) []string {
	i := &n.incident
	lines := []string{
		fmt.Sprintf("%s at %s%s", strings.ToLower(verbs[n.change.Change]), n.change.At.UTC().Format(time.RFC3339), writeActor(n.change.By)),
		writeCounts(i),
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
	if url := m.linkTo(n); url != "" {
		lines = append(lines, url)
	}
	return lines
}

// writeActor returns who made a change; empty for one that came by itself.
func writeActor(by string) string {
	if by == "" {
		return ""
	}
	return " by " + by
}

// writeCounts returns the numbers of an incident.
func writeCounts(i *store.Incident) string {
	return fmt.Sprintf("%s; %d failures, %d events wait, %d dead letters; last at %s", i.Kind.Severity(), i.Failures, i.Waiting, i.Dead, i.LastAt.UTC().Format(time.RFC3339))
}

// linkTo returns the address of the incident's page; empty when the console's is not known.
func (m *message) linkTo(n *news) string {
	if m.Console == "" {
		return ""
	}
	return m.Console + "/incidents/" + n.incident.ID
}

// writeText returns the message as plain text.
func (m *message) writeText() string {
	if m.Test {
		return "This is a test message of Penstock. The channel works.\n"
	}
	var b strings.Builder
	for at := range m.News {
		n := &m.News[at]
		b.WriteString(writeHeadline(n) + "\n")
		for _, line := range m.writeLines(n) {
			b.WriteString("  " + line + "\n")
		}
		b.WriteString("\n")
	}
	return b.String()
}
