package rabbit

import (
	"context"
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/amqpx"
)

// gatewayName is what the broker shows the connections of gateways as.
const gatewayName = "penstock-gateway"

// OldGateways returns the addresses of the gateways that still publish to penstock.events
// alone, each once.
func (m *Management) OldGateways(ctx context.Context) ([]string, error) {
	all, err := m.Connections(ctx)
	if err != nil {
		return nil, err
	}
	var peers []string
	for _, c := range all {
		if strings.HasPrefix(c.Name, gatewayName) && c.Generation < amqpx.Generation {
			peers = append(peers, c.Peer)
		}
	}
	slices.Sort(peers)
	return slices.Compact(peers), nil
}
