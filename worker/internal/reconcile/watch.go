package reconcile

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/penstock/penstock/worker/internal/adapter"
)

// How often the subscription is looked at, and how long a change of it is shown.
const (
	watchEvery = time.Hour
	shownFor   = 7 * 24 * time.Hour
)

// The kinds of findings.
const (
	FindingDisabled = "disabled"
	FindingURL      = "url"
	FindingTypes    = "types"
)

// watch looks at the subscription, when it is time for that.
func (w *worker) watch(ctx context.Context) (bool, error) {
	if w.now().Before(w.pos.CheckAt) {
		return false, nil
	}
	now, err := w.api.Check(ctx)
	if err != nil && adapter.TroubleOf(err) != adapter.Forbidden { // to list needs another right
		return false, err
	}
	w.absolve()
	w.row.AskedAt = w.now()
	w.pos.CheckAt = w.now().Add(watchEvery)
	publicURL := ""
	if s := w.Config().Sources[w.account.Source]; s != nil {
		publicURL = s.PublicURL
	}
	w.report.Findings = findings(w.report, now.Subscription, publicURL, w.facts.Manage, w.now())
	w.pos.NoAsk = now.MayAsk != nil && !*now.MayAsk
	w.report.Subscription, w.report.Rights, w.report.MayAsk = now.Subscription, now.Rights, now.MayAsk
	return true, w.save(ctx, nil)
}

// findings are what is wrong with a subscription, and what has changed about it lately.
func findings(last Report, s *adapter.Subscription, publicURL, manage string, now time.Time) []Finding {
	var all []Finding
	for _, f := range last.Findings {
		if f.Kind != FindingDisabled && f.At.Add(shownFor).After(now) && !strings.Contains(f.Text, elsewhere) {
			all = append(all, f)
		}
	}
	if s == nil {
		return all
	}
	add := func(kind, text string) { all = append(all, Finding{kind, text + " Look at " + manage + ".", now}) }
	if !s.Active {
		add(FindingDisabled, "The provider has disabled the subscription: it sends nothing. Enable it.")
	}
	if publicURL != "" && s.URL != publicURL {
		add(FindingURL, "The subscription "+elsewhere+" the source's publicURL.")
	}
	if was := last.Subscription; was != nil {
		if was.URL != s.URL {
			add(FindingURL, "The subscription's URL has changed.")
		}
		if less := missing(was.Types, s.Types); len(less) > 0 {
			add(FindingTypes, "The subscription does not send these types any more: "+strings.Join(less, ", ")+".")
		}
	}
	return all
}

const elsewhere = "has another URL than"

// missing returns the types that were sent and are not any more.
func missing(was, is []string) []string {
	if slices.Contains(is, "*") {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(was), func(t string) bool { return slices.Contains(is, t) })
}
