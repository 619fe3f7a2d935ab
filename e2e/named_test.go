package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAPartnerWithAKeyHasTypedEvents also shows that a pattern takes what is between slashes.
func TestAPartnerWithAKeyHasTypedEvents(t *testing.T) {
	t.Parallel()
	s := setup(t, `
sources:
  partner:
    auth: [{apiKey: {header: X-Key, keys: [{name: acme, sha256: "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"}]}}]
    id: header:x-id
    type: json:topic
destinations:
  receiver: {url: "RECEIVER"}
routes:
  orders: {from: [partner], types: ["orders/*"], to: receiver}
  refunds: {from: [partner], types: ["refunds.#"], to: receiver}
`)
	s.startGateway()
	s.startDeliverer()
	send := func(id, topic string) string {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/in/partner", strings.NewReader(`{"topic": "`+topic+`"}`))
		require.NoError(t, err)
		req.Header.Set("X-Id", id)
		req.Header.Set("X-Key", "password")
		a, err := do(s.client, req)
		require.NoError(t, err)
		require.Equal(t, http.StatusAccepted, a.status, a.body)
		return a.eventID()
	}
	first := send("1", "orders/create")
	require.Equal(t, first, send("1", "orders/create"), "the id is not read")
	require.NotEqual(t, first, send("2", "orders/create"), "the body is taken for the id")
	arrived := s.receiver.await(first, 1)
	require.Equal(t, "orders/create", arrived[0].header.Get("Penstock-Event-Type"))
	deep := send("3", "orders/create/again")
	s.receiver.await(send("4", "orders/delete"), 1)
	require.Empty(t, s.receiver.of(deep), "orders/* takes one segment")
}
