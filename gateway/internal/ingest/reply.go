package ingest

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/penstock/penstock/pkg/provider"
)

// reply answers an event that is safe: as its provider wants it, or with 202
// (RFC 9110, section 15.3.3) and the event's id.
type reply struct{}

func (reply) Do(_ context.Context, r *Request) error {
	r.answer = r.source.success(r)
	r.answer.EventID, r.answer.Duplicate = r.eventID, r.duplicate
	if r.source.timing {
		r.answer.Timing = r.spent.header()
	}
	return nil
}

func (s *Source) success(r *Request) *Answer {
	if s.answer != nil {
		return s.answer.fill(r.eventID)
	}
	if s.provider != nil {
		if answer, own := s.provider.Reply(r.read); own {
			return fromProvider(answer)
		}
	}
	return &Answer{
		Status:      http.StatusAccepted,
		ContentType: "application/json",
		Body:        []byte(`{"id":"` + r.eventID + `"}` + "\n"),
	}
}

// refusal is what the provider wants to hear for a request that is not authentic; nil when it does
// not care.
func (s *Source) refusal() *Answer {
	if s.provider == nil {
		return nil
	}
	answer, own := s.provider.Refusal()
	if !own {
		return nil
	}
	return fromProvider(answer)
}

func fromProvider(a provider.Answer) *Answer {
	return &Answer{Status: a.Status, ContentType: a.ContentType, Header: a.Header, Body: a.Body}
}

// header writes the times in milliseconds, as Server-Timing has them. A duplicate is
// not published.
func (s spent) header() string {
	text := "verify;dur=" + milliseconds(s.verify)
	if s.publish > 0 {
		text += ", publish;dur=" + milliseconds(s.publish)
	}
	return text
}

func milliseconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds()*1000, 'f', 3, 64)
}
