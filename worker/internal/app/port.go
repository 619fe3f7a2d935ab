package app

import (
	"maps"
	"slices"
	"sync/atomic"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/worker/internal/deliver"
)

// port is a destination and what it was made of. It is closed when neither the
// fleet nor a ship uses it any more.
type port struct {
	*deliver.Destination

	config      *config.Destination
	credentials map[string][]string
	users       atomic.Int32
}

// newPort makes a port with one user.
func newPort(to *deliver.Destination, d *config.Destination, credentials map[string][]string) *port {
	p := &port{Destination: to, config: d, credentials: credentials}
	p.hold()
	return p
}

// made tells whether p was made of just this.
func (p *port) made(d *config.Destination, credentials map[string][]string) bool {
	return p.config.Equal(d) && maps.EqualFunc(p.credentials, credentials, slices.Equal[[]string])
}

func (p *port) hold() { p.users.Add(1) }

func (p *port) release() {
	if p.users.Add(-1) == 0 {
		p.Close()
	}
}
