package ledger

import (
	"context"
	"time"

	"github.com/penstock/penstock/worker/internal/store"
)

// mostNamed bounds how many events of a route are named at a time.
const mostNamed = 1000

// key names a delivery.
type key struct{ event, route string }

// verdict is what all looks amount to.
type verdict struct {
	at      time.Time
	missing map[key]store.Silent
	short   map[string]int // by route: how many are missing at least
	unsure  int            // how many may have been delivered: their records are lost
}

// counts returns, by route, how many events are missing.
func (v *verdict) counts() map[string]int {
	out := map[string]int{}
	for k := range v.missing {
		out[k.route]++
	}
	for route, n := range v.short {
		out[route] = max(out[route], n)
	}
	return out
}

// named is how many events of a route are named.
func (v *verdict) named(route string) (n int) {
	for k := range v.missing {
		if k.route == route {
			n++
		}
	}
	return n
}

// remember adds a look, and forgets those that are not needed any more.
func (l *Ledger) remember(s sample) {
	l.window = append(l.window, s)
	for len(l.window) > 2 && !l.window[1].at.After(s.at.Add(-l.Patience)) {
		l.window = l.window[1:]
	}
}

// settled reports whether the looks reach back for long enough.
func (l *Ledger) settled() bool {
	return !l.window[0].at.After(l.newest().at.Add(-l.Patience))
}

func (l *Ledger) newest() sample { return l.window[len(l.window)-1] }

// judge names what is missing by all looks.
func (l *Ledger) judge(ctx context.Context) (verdict, error) {
	v := verdict{at: l.newest().at, missing: map[key]store.Silent{}, short: map[string]int{}}
	for route, newest := range l.newest().routes {
		short, err := l.short(ctx, route)
		if err != nil {
			return v, err
		}
		if short > 0 {
			v.short[route] = short
		}
		v.unsure += l.unsure(route)
		rows, err := l.Store.Silent(ctx, route, l.newest().lost, l.horizon(route), mostNamed)
		if err != nil {
			return v, err
		}
		v.add(rows)
		if err := l.judgeIdle(ctx, route, &v); err != nil {
			return v, err
		}
		if len(l.newest().levels) > 0 && !newest.ordered {
			if err := l.judgeDelayed(ctx, route, &v); err != nil {
				return v, err
			}
		}
	}
	return v, nil
}

func (v *verdict) add(rows []store.Silent) {
	for _, row := range rows {
		v.missing[key{row.Event, row.Route}] = row
	}
}

// short returns how many events of a route are missing at least, by all looks. What was in
// somebody's hands during a look was not ready, and perhaps not told about yet. So a look
// counts again later, when each such event has been settled, or told about.
func (l *Ledger) short(ctx context.Context, route string) (int, error) {
	short := mostCounted
	for _, s := range l.window {
		one := s.routes[route] // zero when nothing was in flight then
		short = min(short, one.silent-one.ready)
	}
	for _, s := range l.window {
		if short <= 0 || s.at.After(l.newest().at.Add(-l.Patience/2)) {
			break
		}
		one := s.routes[route]
		silent, err := l.Store.CountSilent(ctx, route, l.newest().lost, one.cutoff, one.ready+mostCounted)
		if err != nil {
			return 0, err
		}
		short = min(short, silent-one.ready)
	}
	return max(short, 0), nil
}

// unsure returns how many events of a route are neither ready nor heard of since records were
// lost, by all looks.
func (l *Ledger) unsure(route string) int {
	unsure := mostCounted
	for _, s := range l.window {
		unsure = min(unsure, s.routes[route].unsure)
	}
	return unsure
}

// horizon returns since before when what is silent on a route is missing, by all looks.
func (l *Ledger) horizon(route string) time.Time {
	horizon := l.newest().routes[route].horizon
	for _, s := range l.window {
		if one := s.routes[route]; one.horizon.Before(horizon) {
			horizon = one.horizon
		}
	}
	return horizon
}
