package app

import (
	"maps"
	"slices"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/config"
)

// warnOfAddresses logs the sources whose allowCIDRs the gateway compares with the address
// of a proxy, because it does not see the senders' own.
func (s *Settings) warnOfAddresses(c *config.Config, log *zap.Logger) {
	if s.SeesSenders() {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(c.Sources)) {
		if len(c.Sources[name].AllowCIDRs) > 0 {
			log.Warn("allowCIDRs sees the address of the proxy that ends TLS, not the sender's: "+
				"set PENSTOCK_CLIENT_ADDRESS_HEADER or PENSTOCK_PROXY_PROTOCOL, and PENSTOCK_TRUSTED_PROXIES", zap.String("source", name))
		}
	}
}
