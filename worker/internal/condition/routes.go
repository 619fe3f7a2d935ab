package condition

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/incident"
	"github.com/penstock/penstock/worker/internal/ledger"
	"github.com/penstock/penstock/worker/internal/store"
)

// oldest is how long an event may wait for its first attempt.
const oldest = 10 * time.Minute

// eventsNamed bounds the events that a condition names.
const eventsNamed = 10

// findUnconsumed finds the routes whose events wait and that no deliverer consumes, at two
// looks in a row. A deliverer that lets a destination rest consumes nothing, and reports that.
func (w *Watch) findUnconsumed(ctx context.Context, now time.Time) (found []store.Condition, known bool) {
	cfg, resting, alone := w.Config(), w.findResting(now), map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(cfg.Routes)) {
		if resting[cfg.Routes[name].To] {
			continue
		}
		queue, err := w.Broker.Inspect(ctx, topology.RouteQueue(name))
		if err != nil {
			return nil, false
		}
		if queue.Ready == 0 || queue.Consumers > 0 {
			continue
		}
		alone[name] = true
		if w.alone[name] {
			found = append(found, store.Condition{
				Key: incident.Key{Kind: incident.NoDeliverer, Route: name}, Count: int64(queue.Ready),
				Detail: fmt.Sprintf("%d events wait", queue.Ready),
			})
		}
	}
	w.alone = alone
	return found, true
}

// findResting returns the destinations that are paused, or that a deliverer lets rest.
func (w *Watch) findResting(now time.Time) map[string]bool {
	all := map[string]bool{}
	for _, r := range w.Fleet.Reports() {
		for i := range r.Destinations {
			d := &r.Destinations[i]
			if d.Paused || d.RestingUntil.After(now) || d.Breaker != "closed" {
				all[d.Name] = true
			}
		}
	}
	return all
}

// findBacklogs finds the routes with an event that waits for its first attempt for too long.
func (w *Watch) findBacklogs(ctx context.Context, now time.Time) (found []store.Condition, known bool) {
	routes := slices.Sorted(maps.Keys(w.Config().Routes))
	waiting, err := w.Store.Oldest(ctx, routes, store.Pending)
	if err != nil {
		return nil, false
	}
	for _, name := range routes {
		at, waits := waiting[name]
		if !waits || now.Sub(at) < oldest {
			continue
		}
		found = append(found, store.Condition{
			Key: incident.Key{Kind: incident.BacklogAge, Route: name}, Count: 1,
			Detail: "the oldest was accepted at " + at.UTC().Format(time.RFC3339),
		})
	}
	return found, true
}

// findUnaccounted finds the routes with unaccounted events.
func (w *Watch) findUnaccounted(ctx context.Context, now time.Time) (found []store.Condition, known bool) {
	report, err := ledger.Read(ctx, w.Store)
	if err != nil || !report.Known(now) {
		return nil, false
	}
	for _, name := range slices.Sorted(maps.Keys(report.ByRoute)) {
		if n := report.ByRoute[name]; n > 0 {
			found = append(found, store.Condition{
				Key: incident.Key{Kind: incident.Unaccounted, Route: name}, Count: int64(n),
				Detail: fmt.Sprintf("%d events", n), Events: missingOn(report, name),
			})
		}
	}
	return found, true
}

func missingOn(r *ledger.Report, route string) (ids []string) {
	for i := range r.Missing {
		if r.Missing[i].Route == route && len(ids) < eventsNamed {
			ids = append(ids, r.Missing[i].Event)
		}
	}
	return ids
}

// longestDetail bounds why a configuration is refused, in bytes.
const longestDetail = 500

// findRefusals finds out whether the newest configuration is refused: here, where it is loaded
// with the secrets of notifications, or by a deliverer.
func (w *Watch) findRefusals(context.Context, time.Time) (found []store.Condition, known bool) {
	if err := w.Refused(); err != nil { // it is the same file everywhere
		return []store.Condition{refusedBy("", err.Error())}, true
	}
	for _, report := range w.Fleet.Reports() {
		if report.Refused != "" {
			return []store.Condition{refusedBy("deliverer", report.Refused)}, true
		}
	}
	return nil, true
}

func refusedBy(process, why string) store.Condition {
	why = strings.ToValidUTF8(why[:min(len(why), longestDetail)], "")
	return store.Condition{Key: incident.Key{Kind: incident.ConfigRefused, Reason: process}, Count: 1, Detail: why}
}
