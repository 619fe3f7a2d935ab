package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/provision"
)

// fleet is the routes that this process consumes, and their destinations.
type fleet struct {
	launcher launcher
	only     []string // the routes to consume; empty: all
	log      *zap.Logger

	mu           sync.Mutex
	stopped      bool
	held         []string             // the destinations that operators have paused
	heldRoutes   []string             // the routes that operators have paused
	revision     int64                // of the command that is obeyed; 0: none was heard
	resumed      map[string]time.Time // when they resumed each of the others last, as far as that was obeyed
	destinations map[string]*port
	routes       map[string]*ship
	draining     map[string]*port // the destinations of routes that stop with the process
	leaving      sync.WaitGroup   // ships that finish what they have begun
}

// ship is a running route and what it was made of.
type ship struct {
	config *config.Route
	to     *port
	pause  *consume.Gate // held while an operator has paused the route
	cancel context.CancelFunc
	done   chan struct{}
}

func newFleet(l launcher, only []string, log *zap.Logger) *fleet {
	return &fleet{launcher: l, only: only, log: log, destinations: map[string]*port{}, routes: map[string]*ship{}, resumed: map[string]time.Time{}}
}

// apply makes the fleet what c says, and touches only what is different. Unfit routes do not
// start, and one that runs goes on as it was when only its order is another one. When it
// fails, nothing has changed.
func (f *fleet) apply(ctx context.Context, c *config.Config, unfit map[string]provision.Trouble) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stopped {
		return nil
	}
	ports, err := f.build(c) //nolint:contextcheck // connections of a destination outlive ctx; Close ends them
	if err != nil {
		f.abandon(ports, f.destinations)
		return err
	}
	next, err := f.launch(ctx, c, ports, unfit)
	if err != nil {
		f.abandon(ports, f.destinations)
		return err
	}
	f.abandon(f.destinations, ports)
	for name, old := range f.routes {
		if next[name] != old {
			f.retire(name, old)
		}
	}
	f.destinations, f.routes = ports, next
	return nil
}

// build makes the destinations, except those that are as they were.
func (f *fleet) build(c *config.Config) (map[string]*port, error) {
	ports := make(map[string]*port, len(c.Destinations))
	var errs []error
	for name, d := range c.Destinations {
		if old := f.destinations[name]; old != nil && old.made(d, c.Sources) {
			ports[name] = old
			continue
		}
		made, err := f.launcher.destination(d, c.Sources)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		made.Hold(slices.Contains(f.held, name))
		ports[name] = newPort(made, d, c.Sources)
	}
	return ports, errors.Join(errs...)
}

// abandon lets go of the ports that are not among those to keep.
func (f *fleet) abandon(ports, keep map[string]*port) {
	for name, p := range ports {
		if keep[name] != p {
			f.leaving.Go(p.release)
		}
	}
}

// launch starts the routes, except those that are as they were, which it takes over.
func (f *fleet) launch(ctx context.Context, c *config.Config, ports map[string]*port, unfit map[string]provision.Trouble) (map[string]*ship, error) {
	next := map[string]*ship{}
	for name, route := range c.Routes {
		if len(f.only) > 0 && !slices.Contains(f.only, name) {
			continue
		}
		if trouble, ok := unfit[name]; ok {
			if old := f.routes[name]; old != nil && !trouble.Absent {
				next[name] = old
			}
			continue
		}
		to := ports[route.To]
		if old := f.routes[name]; old != nil && old.config.Equal(route) && old.to == to {
			next[name] = old
			continue
		}
		pause := new(consume.Gate)
		pause.Hold(slices.Contains(f.heldRoutes, name))
		started, err := f.launcher.start(ctx, route, to, pause)
		if err != nil {
			f.undo(next)
			return nil, fmt.Errorf("route %s: %w", name, err)
		}
		next[name] = started
	}
	f.warnUnknown(c)
	return next, nil
}

// undo stops the routes among next that are not running already.
func (f *fleet) undo(next map[string]*ship) {
	for name, s := range next {
		if f.routes[name] != s {
			f.retire(name, s)
		}
	}
}

// retire stops a route in the background, and then lets go of its destination.
func (f *fleet) retire(name string, s *ship) {
	f.log.Info("route stops", zap.String("route", name))
	s.cancel()
	f.leaving.Go(func() {
		<-s.done
		s.to.release()
	})
}

// idle reports whether no route runs.
func (f *fleet) idle() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.routes) == 0
}

func (f *fleet) warnUnknown(c *config.Config) {
	for _, name := range f.only {
		if c.Routes[name] == nil {
			f.log.Warn("no route of the configuration has a name that PENSTOCK_ROUTES asks for", zap.String("route", name))
		}
	}
}

// stop stops every route and waits until each has finished what it had begun.
func (f *fleet) stop(ctx context.Context) error {
	f.mu.Lock()
	f.stopped = true
	for name, s := range f.routes {
		f.retire(name, s)
	}
	f.abandon(f.destinations, nil)
	f.draining = f.destinations
	f.routes, f.destinations = map[string]*ship{}, map[string]*port{}
	f.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.leaving.Wait()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
