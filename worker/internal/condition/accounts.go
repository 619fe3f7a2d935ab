package condition

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/penstock/penstock/worker/internal/incident"
	"github.com/penstock/penstock/worker/internal/reconcile"
	"github.com/penstock/penstock/worker/internal/store"
)

// lostShown is for how long after the last try a lost event is named.
const lostShown = 48 * time.Hour

// findGaps finds the accounts with events that their provider could not deliver.
func (w *Watch) findGaps(ctx context.Context, now time.Time) (found []store.Condition, known bool) {
	accounts := w.Config().Accounts
	for _, name := range slices.Sorted(maps.Keys(accounts)) {
		gap, err := w.Store.SentGap(ctx, name, now.Add(-lostShown))
		if err != nil {
			return nil, false
		}
		if gap.Missing+gap.Lost == 0 {
			continue
		}
		found = append(found, store.Condition{
			Key:   incident.Key{Kind: incident.ProviderGap, Source: accounts[name].Source, Reason: name},
			Count: gap.Missing + gap.Lost,
			Detail: fmt.Sprintf("%d missing and %d lost, sent from %s to %s",
				gap.Missing, gap.Lost, gap.First.Format(time.RFC3339), gap.Last.Format(time.RFC3339)),
		})
	}
	return found, true
}

// findFailingAccounts finds the accounts whose provider cannot be asked.
func (w *Watch) findFailingAccounts(ctx context.Context, now time.Time) (found []store.Condition, known bool) {
	return w.eachAccount(ctx, incident.AccountFailing, func(a *store.Account) string {
		if !reconcile.Failing(a, now) {
			return ""
		}
		return a.Trouble + " since " + a.TroubleAt.UTC().Format(time.RFC3339)
	})
}

// findChangedSubscriptions finds the accounts whose subscription a person should look at.
func (w *Watch) findChangedSubscriptions(ctx context.Context, _ time.Time) (found []store.Condition, known bool) {
	return w.eachAccount(ctx, incident.SubscriptionChanged, func(a *store.Account) string {
		var texts []string
		for _, f := range reconcile.ReportOf(a).Findings {
			texts = append(texts, f.Text)
		}
		return strings.Join(texts, " ")
	})
}

// eachAccount finds those of the configuration's accounts that there is something to say about.
func (w *Watch) eachAccount(ctx context.Context, kind incident.Kind, say func(*store.Account) string) (found []store.Condition, known bool) {
	accounts := w.Config().Accounts
	if len(accounts) == 0 {
		return nil, true
	}
	all, err := w.Store.Accounts(ctx)
	if err != nil {
		return nil, false
	}
	for i := range all {
		a := &all[i]
		if accounts[a.Name] == nil {
			continue
		}
		if text := say(a); text != "" {
			found = append(found, store.Condition{Key: incident.Key{Kind: kind, Source: a.Source, Reason: a.Name}, Count: 1, Detail: text})
		}
	}
	return found, true
}
