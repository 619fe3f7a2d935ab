//go:build memory

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// costlyRules are a plain and an ordered route with every rule that reads bodies.
const costlyRules = `
sources:
  github: {provider: github, secrets: ["${GITHUB_WEBHOOK_SECRET}"], maxBody: 25MiB}
destinations:
  receiver: {url: "RECEIVER", timeout: 10s}
routes:
  plain: {from: [github], to: receiver, filter: 'body.ref != "x"', transform: {jq: '.'}}
  ordered: {from: [github], to: receiver, filter: 'body.ref != "x"', ordering: {key: 'body.ref', partitions: 2}}
`

func TestMemoryOfADelivererThatReadsCostlyBodies(t *testing.T) {
	s := setup(t, costlyRules)
	gateway := s.startGateway()
	for n := range 8 {
		e := newGithubEvent(n)
		e.body = "[" + strings.Repeat("{},", (5<<20)/3-10) + fmt.Sprintf("%d]", n)
		s.acceptSoon(e)
	}
	last := s.acceptSoon(newGithubEvent(100))
	gateway.stop()
	deliverer := s.imprisonDeliverer()
	require.Eventually(t, func() bool { return deliverer.outcomes("dead")+deliverer.outcomes("delivered") >= 18 }, 5*time.Minute, 500*time.Millisecond)
	s.receiver.await(last, 2)
	deliverer.requireUnharmed()
}

func TestMemoryOfADelivererThatDeliversALargePush(t *testing.T) {
	s := setup(t, costlyRules)
	gateway := s.startGateway()
	id := s.acceptSoon(largePush(0, 23<<20))
	gateway.stop()
	deliverer := s.imprisonDeliverer()
	s.awaitDelivered(deliverer, 2) // once for each route
	s.receiver.await(id, 2)
	deliverer.requireUnharmed()
}
