package app

import (
	"sync/atomic"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/worker/internal/deliver"
	"github.com/penstock/penstock/worker/internal/share"
)

// port is a destination and what it was made of. It is closed when neither the
// fleet nor a ship uses it any more.
type port struct {
	*deliver.Destination

	config  *config.Destination
	sources map[string]*config.Source
	users   atomic.Int32
}

// newPort makes a port with one user.
func newPort(to *deliver.Destination, d *config.Destination, sources map[string]*config.Source) *port {
	p := &port{Destination: to, config: d, sources: sources}
	if p.shares() {
		p.use(share.Part{}) // nothing, until its part is known
	}
	p.hold()
	return p
}

// made tells whether p was made of just this.
func (p *port) made(d *config.Destination, sources map[string]*config.Source) bool {
	return p.config.Equal(d) && sameSenders(d, p.sources, sources)
}

func (p *port) hold() { p.users.Add(1) }

func (p *port) release() {
	if p.users.Add(-1) == 0 {
		p.Close()
	}
}
