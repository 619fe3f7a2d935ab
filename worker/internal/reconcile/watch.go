package reconcile

import (
	"context"
	"time"

	"github.com/penstock/penstock/worker/internal/adapter"
)

// watchEvery is how often the subscription is looked at.
const watchEvery = time.Hour

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
	w.pos.NoAsk = now.MayAsk != nil && !*now.MayAsk
	w.take(&now)
	return true, w.save(ctx, nil)
}

// take keeps what the provider says, and finds what a person should look at.
func (w *worker) take(now *adapter.Report) {
	l := looked{last: w.report, now: now, manage: w.facts.Manage, secretAge: time.Duration(w.account.SecretMaxAge), at: w.now()}
	if s := w.Config().Sources[w.account.Source]; s != nil {
		l.publicURL = s.PublicURL
	}
	w.report.SecretSince = l.secretSince()
	l.last.SecretSince = w.report.SecretSince
	w.report.Findings = l.findings()
	w.report.Subscription, w.report.Rights, w.report.MayAsk = now.Subscription, now.Rights, now.MayAsk
}
