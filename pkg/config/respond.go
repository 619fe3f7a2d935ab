package config

import (
	"net/http"
	"strings"
	"time"

	"github.com/penstock/penstock/pkg/event"
)

// Respond is what the sender of an accepted event is answered. In header fields and body, {id} is the
// event's id, and {receivedAt} when it was accepted (RFC 3339, in UTC). Other braces are what they are. A
// repetition gets the same answer.
type Respond struct {
	// The status, 200 to 299: any other one says that the event was not accepted.
	Status int `yaml:"status"`
	// Header fields, by their name. Content-Type is application/json when it is left out and the body is JSON,
	// and else text/plain.
	Headers map[string]string `yaml:"headers"`
	// The body, at most 16 KiB. None when it is left out.
	Body string `yaml:"body"`
}

func defaultRespond() Respond { return Respond{Status: http.StatusAccepted} }

// Fill puts what is known of an event into a text of the answer. The time is that of the id, so
// that a repetition has the same.
func (*Respond) Fill(text, id string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	at, known := event.IDTime(id)
	if !known {
		at = time.Now().UTC()
	}
	return strings.NewReplacer("{id}", id, "{receivedAt}", at.Format("2006-01-02T15:04:05.000Z07:00")).Replace(text)
}
