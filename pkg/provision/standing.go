package provision

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/topology"
)

// Standing is what of a plan the broker refuses. The zero value: nothing. What is refused
// stops nothing but what needs it.
type Standing struct {
	Routes map[string]Trouble // the routes that are not as they should be
	Down   error              // nothing can be accepted without it: the exchanges of the gateway, or the archive
	Rest   error              // of what all routes share, and accepting does not need
	Bounds error              // the streams that keep more or less than they are set to: all works
}

// Trouble is what the broker refuses of one route.
type Trouble struct {
	Err     error
	Absent  bool // its work queue is not there, or another kind of queue is in its place
	Cut     bool // no event reaches the route
	Changed bool // its queues keep another order than the wanted one: it must not be consumed so
}

// Err joins everything that is refused, in the same order each time, or is nil.
func (s Standing) Err() error {
	refused := s.ByRoute()
	errs := make([]error, 0, len(refused))
	for _, name := range slices.Sorted(maps.Keys(refused)) {
		errs = append(errs, refused[name])
	}
	return errors.Join(errs...)
}

// Worse reports whether something of it is refused that was not before.
func (s Standing) Worse(before Standing) bool {
	known := before.ByRoute()
	for name := range s.ByRoute() {
		if known[name] == nil {
			return true
		}
	}
	return false
}

// Closed returns the sources whose events had nowhere to go, with the reason: no event reaches
// any of their routes. Without an archive one such route is enough, because nothing would
// keep its events.
func (s Standing) Closed(c *config.Config, archive bool) map[string]error {
	cut, reached := map[string]error{}, map[string]bool{}
	for name, route := range c.Routes {
		for _, source := range route.From {
			if t := s.Routes[name]; t.Cut {
				cut[source] = errors.Join(cut[source], fmt.Errorf("route %s: %w", name, t.Err))
			} else {
				reached[source] = true
			}
		}
	}
	if archive {
		maps.DeleteFunc(cut, func(source string, _ error) bool { return reached[source] })
	}
	return cut
}

// ByRoute returns what is refused by route; what all routes share is Shared.
func (s Standing) ByRoute() map[string]error {
	refused := map[string]error{}
	for name, t := range s.Routes {
		refused[name] = t.Err
	}
	if shared := errors.Join(s.Down, s.Rest); shared != nil {
		refused[Shared] = shared
	}
	return refused
}

// Shared stands for what all routes share among the names of routes. No route has that name.
const Shared = "_shared"

// Unfit are the routes that must not be consumed as the plan has them, or cannot be.
func (s Standing) Unfit() map[string]Trouble {
	unfit := map[string]Trouble{}
	for name, t := range s.Routes {
		if t.Changed || t.Absent {
			unfit[name] = t
		}
	}
	return unfit
}

// standing sorts refusals by what they stop.
func standing(at Access, plan topology.Plan, refusals []*amqpx.RefusedError) Standing {
	s := Standing{Routes: map[string]Trouble{}}
	for _, r := range refusals {
		switch route, ok := topology.RouteOf(r.Name); {
		case boundOf(r) != nil:
			s.Bounds = errors.Join(s.Bounds, warnAbout(at, plan, boundOf(r)))
		case ok && r.Kind != amqpx.KindExchange:
			s.Routes[route] = s.Routes[route].with(r, route)
		case stopsAccepting(r):
			s.Down = errors.Join(s.Down, r)
		default:
			s.Rest = errors.Join(s.Rest, r)
		}
	}
	return s
}

func stopsAccepting(r *amqpx.RefusedError) bool {
	switch r.Kind {
	case amqpx.KindExchange:
		return r.Name == topology.Routes || r.Name == topology.Events
	default:
		return r.Name == topology.Archive && !r.Usable
	}
}

func (t Trouble) with(r *amqpx.RefusedError, route string) Trouble {
	t.Err = errors.Join(t.Err, r)
	switch {
	case r.Name == topology.RouteQueue(route) && !r.Usable:
		t.Absent = t.Absent || r.Kind == amqpx.KindQueue
		t.Cut = t.Cut || t.Absent || r.From == topology.Routes
	case r.Kind == amqpx.KindQueue && r.Name != topology.DeadQueue(route):
		t.Changed = t.Changed || topology.ChangesOrder(r)
	}
	return t
}
