package rabbit

import (
	"context"
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/amqpx"
)

// gatewayName is what the broker shows the connections of gateways as.
const gatewayName = "penstock-gateway"

// product is what the connections of all Penstock's processes call themselves.
const product = "penstock"

// OldGateways returns the addresses of the gateways that still publish to penstock.events
// alone, each once.
func (m *Management) OldGateways(ctx context.Context) ([]string, error) {
	return m.old(ctx, func(c Connection) bool { return strings.HasPrefix(c.Name, gatewayName) })
}

// OldDelayers returns the addresses of the other processes before version 1, each once: they
// delay messages in the levels of that time.
func (m *Management) OldDelayers(ctx context.Context) ([]string, error) {
	return m.old(ctx, func(c Connection) bool {
		return c.Product == product && !strings.HasPrefix(c.Name, gatewayName)
	})
}

func (m *Management) old(ctx context.Context, is func(Connection) bool) ([]string, error) {
	all, err := m.Connections(ctx)
	if err != nil {
		return nil, err
	}
	var peers []string
	for _, c := range all {
		if is(c) && c.Generation < amqpx.Generation {
			peers = append(peers, c.Peer)
		}
	}
	slices.Sort(peers)
	return slices.Compact(peers), nil
}
