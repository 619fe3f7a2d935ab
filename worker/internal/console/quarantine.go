package console

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/penstock/penstock/pkg/event"
	kept "github.com/penstock/penstock/pkg/quarantine"
	"github.com/penstock/penstock/worker/internal/quarantine"
)

// Quarantine holds the requests that failed verification. *quarantine.Reader is one.
type Quarantine interface {
	List(ctx context.Context, c quarantine.Choice) (quarantine.Page, error)
	// Show returns one entry with the diagnosis of what is wrong with it.
	Show(ctx context.Context, id, secret string) (*quarantine.Detail, error)
	// Check verifies entries with a secret, and publishes those that are valid if release says so.
	Check(ctx context.Context, by string, c quarantine.Choice, secret string, release bool) (quarantine.Outcome, error)
}

// errQuarantine means that the broker does not show the quarantine.
var errQuarantine = &failure{http.StatusServiceUnavailable, "The quarantine cannot be read", "The broker does not answer, it has no stream penstock.quarantine yet, or the tracker's user may not read it. The tracker's log says more."}

// quarantinePage lists the requests that failed verification.
type quarantinePage struct {
	Sources []string // those that keep a quarantine
	Source  string   // the chosen one; empty: all
	Within  string
	Page    quarantine.Page
	Outcome *quarantine.Outcome // of the check that was just made; nil: none was
	Counts  []verdictCount      // of the outcome
	Replay  bool                // the check was a replay
}

// verdictCount is how many requests have a verdict.
type verdictCount struct {
	Verdict string
	Count   int64
}

// quarantineWithin is the period of the list when none is chosen: as long as a quarantine is kept
// by default.
const quarantineWithin = "24h"

// newQuarantinePage reads the choice of a list, from a query or a form.
func (c *Console) newQuarantinePage(source, within string) (*quarantinePage, quarantine.Choice, error) {
	p := &quarantinePage{Source: source, Within: within}
	for name, s := range c.Config().Sources {
		if s.Quarantine && c.Quarantine != nil {
			p.Sources = append(p.Sources, name)
		}
	}
	slices.Sort(p.Sources)
	if len(p.Sources) == 1 {
		p.Source = p.Sources[0]
	}
	if p.Within == "" {
		p.Within = quarantineWithin
	}
	span, err := time.ParseDuration(p.Within)
	if err != nil || span <= 0 {
		return nil, quarantine.Choice{}, mend("There is no such period", "Choose one from the list.")
	}
	return p, quarantine.Choice{Source: p.Source, Since: c.now().Add(-span)}, nil
}

// showQuarantine answers GET /quarantine.
func (c *Console) showQuarantine(w http.ResponseWriter, r *http.Request, v *visitor) error {
	p, choice, err := c.newQuarantinePage(r.URL.Query().Get("source"), r.URL.Query().Get("within"))
	if err != nil {
		return err
	}
	if len(p.Sources) > 0 {
		if p.Page, err = c.Quarantine.List(r.Context(), choice); err != nil {
			return unreadable(err)
		}
	}
	return c.renderQuarantine(w, r, v, p)
}

func (c *Console) renderQuarantine(w http.ResponseWriter, r *http.Request, v *visitor, p *quarantinePage) error {
	return c.render(w, r, v, rendering{page: "quarantine", title: "Quarantine", place: "quarantine", data: p})
}

// checkQuarantine answers POST /quarantine: verifies the requests of a source with a secret, and
// replays those that are valid if the button says so. The secret is in no answer.
func (c *Console) checkQuarantine(w http.ResponseWriter, r *http.Request, v *visitor) error {
	p, choice, err := c.newQuarantinePage(r.PostFormValue("source"), r.PostFormValue("within"))
	if err != nil {
		return err
	}
	if p.Replay, err = wantsReplay(r); err != nil {
		return err
	}
	if !slices.Contains(p.Sources, p.Source) {
		return errNotFound
	}
	outcome, err := c.Quarantine.Check(r.Context(), v.Name, choice, typedSecret(r), p.Replay)
	if err != nil {
		return unreadable(err)
	}
	p.Outcome, p.Page = &outcome, outcome.Page
	for _, verdict := range slices.Sorted(maps.Keys(outcome.Verdicts)) {
		p.Counts = append(p.Counts, verdictCount{verdict, int64(outcome.Verdicts[verdict])})
	}
	return c.renderQuarantine(w, r, v, p)
}

// showQuarantined answers GET /quarantine/{id}.
func (c *Console) showQuarantined(w http.ResponseWriter, r *http.Request, v *visitor) error {
	return c.renderQuarantined(w, r, v, "")
}

// checkQuarantined answers POST /quarantine/{id}: verifies one request with a secret, or replays it.
func (c *Console) checkQuarantined(w http.ResponseWriter, r *http.Request, v *visitor) error {
	replay, err := wantsReplay(r)
	if err != nil || !replay {
		if err == nil {
			err = c.renderQuarantined(w, r, v, typedSecret(r))
		}
		return err
	}
	if c.Quarantine == nil {
		return errNotFound
	}
	choice := quarantine.Choice{Source: r.PostFormValue("source"), ID: r.PathValue("id")}
	outcome, err := c.Quarantine.Check(r.Context(), v.Name, choice, typedSecret(r), true)
	switch {
	case err != nil:
		return unreadable(err)
	case outcome.Problem != "", outcome.Verdicts[kept.ReleasedNow]+outcome.Verdicts[kept.ReleasedBefore]+outcome.Verdicts[kept.Copy] == 0:
		return c.renderQuarantined(w, r, v, typedSecret(r))
	}
	due := "released"
	if outcome.Verdicts[kept.Copy] > 0 {
		due = "copy"
	}
	c.leave(w, r, Base+"/quarantine/"+choice.ID, due)
	return nil
}

// renderQuarantined shows one request, with what a secret makes of it.
func (c *Console) renderQuarantined(w http.ResponseWriter, r *http.Request, v *visitor, secret string) error {
	id := r.PathValue("id")
	if _, ours := event.IDTime(id); !ours || c.Quarantine == nil {
		return errNotFound
	}
	detail, err := c.Quarantine.Show(r.Context(), id, secret)
	if err != nil {
		return unreadable(err)
	}
	return c.render(w, r, v, rendering{page: "quarantined", title: "Request to " + detail.Source, place: "quarantine", data: detail})
}

// typedSecret is the secret that an operator typed or pasted, without what the clipboard adds.
func typedSecret(r *http.Request) string { return strings.TrimRight(r.PostFormValue("secret"), "\r\n") }

// wantsReplay reports which of the two buttons was pressed.
func wantsReplay(r *http.Request) (bool, error) {
	switch r.PostFormValue("act") {
	case "verify":
		return false, nil
	case "replay":
		return true, nil
	default:
		return false, mend("There is no such action", "Choose Verify or Replay.")
	}
}

// unreadable is the face of an error of the quarantine.
func unreadable(err error) error {
	switch {
	case errors.Is(err, quarantine.ErrNotFound):
		return errNotFound
	case errors.Is(err, context.DeadlineExceeded):
		return err
	default:
		return fmt.Errorf("%w: %w", errQuarantine, err)
	}
}

// verdictClass is the colour of a verdict's badge.
func verdictClass(verdict string) string {
	switch verdict {
	case kept.Valid, kept.ReleasedNow, kept.ReleasedBefore:
		return "good"
	case kept.Copy, kept.Question:
		return "plain"
	default:
		return "warn"
	}
}
