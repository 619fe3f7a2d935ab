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
	for route := range l.newest().routes {
		horizon, short := l.agreed(route)
		if short > 0 {
			v.short[route] = short
		}
		rows, err := l.Store.Silent(ctx, route, horizon, mostNamed)
		if err != nil {
			return v, err
		}
		v.add(rows)
		if err := l.judgeIdle(ctx, route, &v); err != nil {
			return v, err
		}
		if len(l.newest().levels) > 0 {
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

// agreed returns what all looks say of a route: since before when what is silent is
// missing, and how many are missing at least.
func (l *Ledger) agreed(route string) (horizon time.Time, short int) {
	for i, s := range l.window {
		one, ok := s.routes[route]
		if !ok { // nothing was in flight then
			return time.Time{}, 0
		}
		if missing := max(one.silent-one.ready, 0); i == 0 || missing < short {
			short = missing
		}
		if i == 0 || one.horizon.Before(horizon) {
			horizon = one.horizon
		}
	}
	return horizon, short
}
