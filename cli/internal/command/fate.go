package command

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/penstock/penstock/cli/internal/outgoing"
	"github.com/penstock/penstock/cli/internal/terminal"
)

// pollEvery is how often the tracker is asked for an event.
const pollEvery = 300 * time.Millisecond

// fate is what became of an event, as far as the tracker knows.
type fate struct {
	Event struct {
		Archived   bool `json:"archived"`
		Deliveries []struct {
			Route  string `json:"route"`
			State  string `json:"state"`
			Reason string `json:"reason"`
		} `json:"deliveries"`
	} `json:"event"`
}

// askFate asks for an event. One that the tracker has not heard of yet has no fate,
// and that is no error.
func askFate(ctx context.Context, where *url.URL, bearer string, g sign) (f fate, err error) {
	r := outgoing.Request{Method: http.MethodGet, URL: where, Header: http.Header{}}
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	answer, err := outgoing.Send(ctx, r, outgoing.SendOptions{Timeout: g.timeout, Insecure: g.insecure})
	switch {
	case err != nil:
		return f, err
	case answer.Code == http.StatusNotFound:
		return f, nil
	case answer.Code != http.StatusOK:
		return f, fmt.Errorf("it answers %s", terminal.Line(answer.Status))
	}
	if err := json.Unmarshal(answer.Body, &f); err != nil {
		return f, fmt.Errorf("read its answer: %w", err)
	}
	return f, nil
}

// ended reports whether nothing more will happen to the event by itself.
func (f fate) ended() bool {
	for _, d := range f.Event.Deliveries {
		if d.State == "pending" || d.State == "retrying" {
			return false
		}
	}
	return len(f.Event.Deliveries) > 0
}

// tell prints the fate of an event that has ended, and fails unless it is a good one.
func (f fate) tell(s Streams) error {
	tellf(s.Out, "%s", f)
	for _, d := range f.Event.Deliveries {
		if d.State != "delivered" && d.State != "filtered" {
			return silent{Invalid}
		}
	}
	return nil
}

// String says on one line which route did what.
func (f fate) String() string {
	if len(f.Event.Deliveries) == 0 {
		return "the tracker has not seen it"
	}
	said := make([]string, 0, len(f.Event.Deliveries))
	for _, d := range f.Event.Deliveries {
		said = append(said, terminal.Line(strings.TrimSpace(d.State+" by "+d.Route+" "+d.Reason)))
	}
	return strings.Join(said, ", ")
}
