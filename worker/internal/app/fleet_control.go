package app

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/worker/internal/control"
	"github.com/penstock/penstock/worker/internal/tombstone"
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
	f.launcher.stones.Replace(c.Withheld, c.Dropped, time.Now())
	f.revision = c.Revision
}

// report says how it stands with the destinations, and what the fleet obeys.
func (f *fleet) report() control.Report {
	f.mu.Lock()
	defer f.mu.Unlock()
	revision, attempted := f.revision, f.launcher.stones.Attempted()
	slices.SortFunc(attempted, func(a, b tombstone.Mark) int { return bytes.Compare(a[:], b[:]) })
	return control.Report{
		Revision: &revision, Attempted: attempted, Routes: slices.Sorted(maps.Keys(f.routes)), Destinations: f.look(),
	}
}

// look tells how it stands with the destinations.
func (f *fleet) look() []control.Destination {
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
