package notify

import (
	"context"
	"slices"
	"time"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/worker/internal/incident"
	"github.com/penstock/penstock/worker/internal/store"
)

// mostChanges is how many changes one message is about at most.
const mostChanges = 200

// decideNotices moves a channel on to the newest change, and stores the notices of the changes in between.
func (n *Notifier) decideNotices(ctx context.Context, c *config.Channel) error {
	from, err := n.Store.NotifyCursor(ctx, c.Name)
	if err != nil {
		return err
	}
	changes, err := n.Store.ChangesAfter(ctx, from, mostChanges)
	if err != nil || len(changes) == 0 {
		return err
	}
	ids := make([]string, 0, len(changes))
	for _, change := range changes {
		ids = append(ids, change.Incident)
	}
	incidents, err := n.Store.IncidentsOf(ctx, ids)
	if err != nil {
		return err
	}
	now := n.Now()
	sent, err := n.Store.NoticesSince(ctx, c.Name, now.Add(-time.Hour))
	if err != nil {
		return err
	}
	notices, ready := planNotices(c, selectNews(c, n.Config().Notifications.Rules, changes, incidents, now), sent, now)
	if !ready {
		return nil
	}
	return n.Store.AddNotices(ctx, c.Name, from, changes[len(changes)-1].ID, notices)
}

// news is a change with its incident.
type news struct {
	change   store.IncidentChange
	incident store.Incident
}

// selectNews returns the changes that a channel is notified of.
func selectNews(c *config.Channel, rules []config.NotifyRule, changes []store.IncidentChange, incidents map[string]store.Incident, now time.Time) (all []news) {
	for _, change := range changes {
		i, there := incidents[change.Incident]
		if there && change.Change != incident.WasMuted && !i.MutedAt(now) && goesToChannel(c.Name, rules, &i) {
			all = append(all, news{change, i})
		}
	}
	return all
}

// goesToChannel reports whether an incident goes to a channel: to all of them when there is no rule.
func goesToChannel(channel string, rules []config.NotifyRule, i *store.Incident) bool {
	return len(rules) == 0 || slices.ContainsFunc(rules, func(r config.NotifyRule) bool {
		return slices.Contains(r.Channels, channel) && isAmong(r.Kinds, string(i.Kind)) && isAmong(r.Severities, string(i.Kind.Severity())) &&
			isAmong(r.Routes, i.Route) && isAmong(r.Sources, i.Source)
	})
}

// isAmong reports whether a word is in a list, or the list does not matter.
func isAmong(list []string, word string) bool { return len(list) == 0 || slices.Contains(list, word) }

// planNotices makes notices of the news. It is not ready while changes are gathered: for
// a digest, past the limit of an hour, and in quiet hours as long as nothing is critical.
func planNotices(c *config.Channel, all []news, sent int, now time.Time) (notices []store.Notice, ready bool) {
	if len(all) == 0 {
		return nil, true
	}
	if sent >= c.Limit || now.Sub(all[0].change.At) < time.Duration(c.Digest) {
		return nil, false
	}
	end := c.QuietHours.EndAfter(now)
	urgent := all
	if !end.IsZero() {
		urgent = nil
		var later []news
		for _, one := range all {
			if one.incident.Kind.Severity() == incident.Critical {
				urgent = append(urgent, one)
			} else {
				later = append(later, one)
			}
		}
		if len(urgent) == 0 {
			return nil, false
		}
		notices = append(notices, noticesOf(c, later, now, end)...)
	}
	return append(notices, noticesOf(c, urgent, now, now)...), true
}

// noticesOf makes one notice of the changes. PagerDuty takes one incident at a time: there it
// makes one for each, which is about its last change.
func noticesOf(c *config.Channel, all []news, now, next time.Time) (notices []store.Notice) {
	if c.PagerDuty == nil {
		one := store.Notice{MadeAt: now, NextAt: next}
		for _, n := range all {
			one.Changes = append(one.Changes, n.change.ID)
		}
		if len(all) > 0 {
			notices = append(notices, one)
		}
		return notices
	}
	for at, n := range all {
		superseded := slices.ContainsFunc(all[at+1:], func(later news) bool { return later.incident.ID == n.incident.ID })
		if !superseded {
			notices = append(notices, store.Notice{MadeAt: now, NextAt: next, Changes: []int64{n.change.ID}})
		}
	}
	return notices
}
