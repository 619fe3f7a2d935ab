//go:build memory

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// many is a configuration with 250 sources and 200 routes.
func many() string {
	var b strings.Builder
	b.WriteString("sources:\n  github: {provider: github, secrets: [\"${GITHUB_WEBHOOK_SECRET}\"]}\n")
	for n := range 249 {
		fmt.Fprintf(&b, "  source%03d: {provider: github, secrets: [\"${GITHUB_WEBHOOK_SECRET}\"]}\n", n)
	}
	b.WriteString("destinations:\n  receiver: {url: \"RECEIVER\", timeout: 5s}\nroutes:\n")
	for n := range 200 {
		from := "github"
		if n > 20 {
			from = fmt.Sprintf("source%03d", n)
		}
		fmt.Fprintf(&b, "  route%03d: {from: [%s], to: receiver, filter: 'body.n >= 0'}\n", n, from)
	}
	return b.String()
}

func TestMemoryOfProcessesWithManySourcesAndRoutes(t *testing.T) {
	s := setup(t, many())
	gateway, deliverer := s.imprisonGateway(nil), s.imprisonDeliverer()
	tracker := s.imprison(chartLimit(s.t, "track"), "worker", []string{"track"}, map[string]string{
		"PENSTOCK_LISTEN": freeAddress(t), "PENSTOCK_STORE_URL": "sqlite:" + t.TempDir() + "/store.db", "PENSTOCK_API_OPEN": "true", "PENSTOCK_LOG_LEVEL": "info",
	})
	var ids []string
	body := largeEvent(0, 1<<20).body
	for n := range 60 {
		e := newGithubEvent(n)
		e.body = fmt.Sprintf(`{"number":%d,`, n) + body[1:]
		ids = append(ids, s.acceptSoon(e))
	}
	s.awaitDelivered(deliverer, 21*len(ids))
	require.Zero(t, s.receiver.missing(ids))
	for _, p := range []*prisoner{gateway, deliverer, tracker} {
		p.requireUnharmed()
	}
}
