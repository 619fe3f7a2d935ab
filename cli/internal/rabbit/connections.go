package rabbit

import (
	"context"
	"fmt"
	"net/url"
)

// Connection is what the interface says of a connection. It sees a new one some seconds
// late, and an ended one, too.
type Connection struct {
	Name       string // which the process gave it; empty: none
	Peer       string // where it comes from
	Product    string // what connects: penstock, or something of others
	Generation int    // see amqpx.Generation; 0: it shows none
}

// Connections returns the connections to the virtual host that the user may see: with the
// tag monitoring, all of them.
func (m *Management) Connections(ctx context.Context) ([]Connection, error) {
	var all []struct {
		Name       string `json:"user_provided_name"`
		Peer       string `json:"peer_host"`
		Properties struct {
			Name       string `json:"connection_name"`
			Product    string `json:"product"`
			Generation int    `json:"generation"`
		} `json:"client_properties"`
	}
	if err := m.get(ctx, "/api/vhosts/"+url.PathEscape(m.vhost)+"/connections", &all); err != nil {
		return nil, fmt.Errorf("list connections: %w", err)
	}
	connections := make([]Connection, len(all))
	for n, a := range all {
		connections[n] = Connection{a.Name, a.Peer, a.Properties.Product, a.Properties.Generation}
		if a.Name == "" {
			connections[n].Name = a.Properties.Name
		}
	}
	return connections, nil
}
