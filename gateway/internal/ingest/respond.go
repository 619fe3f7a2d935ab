package ingest

import (
	"encoding/json"

	"github.com/penstock/penstock/pkg/config"
)

// answer is what the configuration has the sender of an accepted event answered.
type answer struct {
	config      *config.Respond
	contentType string
}

// answerOf returns nil for a source whose senders are answered as ever.
func answerOf(r *config.Respond) *answer {
	if r == nil {
		return nil
	}
	a := &answer{config: r, contentType: r.Headers["Content-Type"]}
	switch {
	case a.contentType != "" || r.Body == "":
	case json.Valid([]byte(r.Fill(r.Body, ""))):
		a.contentType = "application/json"
	default:
		a.contentType = "text/plain; charset=utf-8"
	}
	return a
}

// fill makes the answer for an event.
func (a *answer) fill(id string) *Answer {
	header := make(map[string]string, len(a.config.Headers))
	for name, value := range a.config.Headers {
		if name != "Content-Type" {
			header[name] = a.config.Fill(value, id)
		}
	}
	return &Answer{Status: a.config.Status, ContentType: a.contentType, Header: header, Body: []byte(a.config.Fill(a.config.Body, id))}
}
