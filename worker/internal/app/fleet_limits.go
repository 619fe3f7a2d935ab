package app

import (
	"maps"
	"slices"

	"github.com/penstock/penstock/worker/internal/share"
)

// limits are those that destinations share with other deliverers: those of the running routes,
// and those to which attempts are under way while the process stops.
func (f *fleet) limits() []share.Limits {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := map[string]share.Limits{}
	for _, s := range f.routes {
		s.to.addLimits(all)
	}
	for _, p := range f.draining {
		if p.State().InUse > 0 {
			p.addLimits(all)
		}
	}
	return slices.Collect(maps.Values(all))
}

// addLimits adds what the destination shares, if it does.
func (p *port) addLimits(to map[string]share.Limits) {
	if !p.shares() {
		return
	}
	l := share.Limits{Destination: p.config.Name, InUse: p.State().InUse}
	if p.config.SharesConcurrency() {
		l.Slots = p.config.Concurrency
	}
	to[l.Destination] = l
}

// give lets a destination use its part of what it shares.
func (f *fleet) give(destination string, part share.Part) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p := f.destinations[destination]; p != nil && p.shares() {
		p.use(part)
	}
}

// shares reports whether the destination has limits that hold for all deliverers together.
func (p *port) shares() bool { return p.config.RateLimit != nil || p.config.SharesConcurrency() }

func (p *port) use(part share.Part) {
	slots := part.Slots
	if !p.config.SharesConcurrency() && part.Rate > 0 {
		slots = p.config.Concurrency
	}
	p.Use(slots, part.Rate)
}
