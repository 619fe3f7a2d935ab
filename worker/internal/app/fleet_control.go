package app

import (
	"fmt"
	"maps"
	"os"
	"slices"

	"go.uber.org/zap"

	"github.com/penstock/penstock/worker/internal/control"
)

// obey does what people want of the deliverers.
func (f *fleet) obey(c control.Command) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !slices.Equal(f.held, c.Paused) || !slices.Equal(f.heldRoutes, c.Routes) {
		f.log.Info("destinations and routes that are paused", zap.Strings("destinations", c.Paused), zap.Strings("routes", c.Routes))
	}
	f.held, f.heldRoutes = c.Paused, c.Routes
	for name, s := range f.routes {
		s.pause.Hold(slices.Contains(c.Routes, name))
	}
	for name, p := range f.destinations {
		p.Hold(slices.Contains(c.Paused, name))
		if at := c.Resumed[name]; at.After(f.resumed[name]) {
			p.Wake()
		}
	}
	maps.Copy(f.resumed, c.Resumed)
}

// look tells how it stands with the destinations.
func (f *fleet) look() []control.Destination {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]control.Destination, 0, len(f.destinations))
	for _, name := range slices.Sorted(maps.Keys(f.destinations)) {
		s := f.destinations[name].State()
		all = append(all, control.Destination{
			Name: name, Breaker: s.Breaker, BreakerSince: s.BreakerSince, Paused: s.Paused, RestingUntil: s.RestingUntil, InUse: s.InUse, Limit: s.Limit,
			Server: s.Certificates.Server, Client: s.Certificates.Client, Authorities: s.Certificates.Authorities,
		})
	}
	return all
}

// instance names this process among the deliverers.
func instance() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s/%d", host, os.Getpid())
}
