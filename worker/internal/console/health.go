package console

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/console/chart"
)

// troublesome are the states of health, the worst first.
var troublesome = []api.HealthState{
	api.HealthStateFailing, api.HealthStateNoDeliverer, api.HealthStateTroubled, api.HealthStatePaused, api.HealthStateOk, api.HealthStateIdle,
}

// rank is the place of a state among the others; what is not known comes last.
func rank(h *api.Health) int {
	if h == nil {
		return len(troublesome)
	}
	return slices.Index(troublesome, h.State)
}

// byTrouble orders routes: those that need an operator come first.
func byTrouble(a, b routeRow) int {
	return cmp.Or(cmp.Compare(rank(a.Health), rank(b.Health)), cmp.Compare(b.Counts.Dead, a.Counts.Dead), cmp.Compare(b.Waiting(), a.Waiting()))
}

// search returns the routes whose name or destination holds a text.
func search(rows []routeRow, find string) []routeRow {
	find = strings.ToLower(strings.TrimSpace(find))
	return slices.DeleteFunc(slices.Clone(rows), func(r routeRow) bool {
		return !strings.Contains(strings.ToLower(r.Name+" "+text(r.Destination)), find)
	})
}

// alongside returns the other routes to the same destination.
func alongside(rows []routeRow, one routeRow) (names []string) {
	for _, r := range rows {
		if r.Name != one.Name && text(r.Destination) == text(one.Destination) {
			names = append(names, r.Name)
		}
	}
	slices.Sort(names)
	return names
}

// badge is a state of health in a word: as a class, and for people.
type badge struct{ Class, Text string }

var healthBadges = map[api.HealthState]badge{
	api.HealthStateFailing:     {"bad", "failing"},
	api.HealthStateNoDeliverer: {"bad", "no deliverer"},
	api.HealthStateTroubled:    {"warn", "troubled"},
	api.HealthStatePaused:      {"paused", "paused"},
	api.HealthStateOk:          {"good", "delivering"},
	api.HealthStateIdle:        {"plain", "idle"},
}

func healthBadge(s api.HealthState) badge { return healthBadges[s] }

// drawLatency stacks the median, and what slow attempts take more than that.
func drawLatency(points []api.Point) chart.Chart {
	median, slow := make([]int64, len(points)), make([]int64, len(points))
	for i, p := range points {
		if p.P50Ms == nil || p.P99Ms == nil {
			continue
		}
		median[i] = max(int64(math.Round(*p.P50Ms)), 1)
		slow[i] = max(int64(math.Round(*p.P99Ms))-median[i], 0)
	}
	return chart.New([]chart.Series{{Class: "median", Values: median}, {Class: "slow", Values: slow}}, 1000, 90)
}

// percentOf writes a share from 0 to 1; nothing when there is none.
func percentOf(share *float64) string {
	if share == nil {
		return "–"
	}
	return percent(100 * *share)
}

// milliseconds writes a time; nothing when there is none.
func milliseconds(ms *float64) string {
	switch {
	case ms == nil:
		return "–"
	case *ms < 1:
		return "< 1 ms"
	case *ms < 1000:
		return count(int64(math.Round(*ms))) + " ms"
	default:
		return number1(*ms/1000) + " s"
	}
}
